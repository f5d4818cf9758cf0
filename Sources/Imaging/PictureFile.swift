// The bytes of a picture file, bounded before they are read. A pipe, device or folder is refused, not waited on.

import Glibc

package enum PictureFile {
    /// The whole file at `path`.
    ///
    /// - Throws: ``ImagingError/unreadable(path:detail:)``, ``ImagingError/tooManyBytes(path:)``.
    package static func bytes(at path: String) throws(ImagingError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, detail: "it is not a file")
        }
        guard status.st_size <= Limits.maximumFileBytes else { throw .tooManyBytes(path: path) }
        return try contents(of: descriptor, count: Int(status.st_size), path)
    }

    private static func contents(of descriptor: Int32, count: Int, _ path: String) throws(ImagingError) -> [UInt8] {
        var succeeded = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = Glibc.read(descriptor, buffer.baseAddress! + filled, count - filled)
                if got < 0, errno == EINTR { continue }
                succeeded = got >= 0
                if got <= 0 { return }
                filled += got
            }
        }
        guard succeeded else { throw failure(path) }
        return bytes
    }

    private static func failure(_ path: String) -> ImagingError {
        .unreadable(path: path, detail: String(cString: strerror(errno)))
    }
}
