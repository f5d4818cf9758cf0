// A small JSON file, read whole: configurations, indexes, vocabularies.

import Foundation

/// A JSON object with the path it came from, so that an error can say where it stands.
package struct JSONFile: Equatable, Sendable {
    package let path: String
    package let members: [String: JSONValue]

    package init(path: String, members: [String: JSONValue]) {
        self.path = path
        self.members = members
    }

    /// Reads the object in the file at `path`.
    ///
    /// - Throws: `EngineError.unreadable` when there is no such file or it is longer than `Limits.jsonFileBytes`,
    ///   `.malformed` when it is not JSON or not an object.
    package init(contentsOf path: String) throws(EngineError) {
        let bytes = try Self.bytes(of: path)
        let value: JSONValue
        do {
            value = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONFault) in try JSONParser.parse(buffer) }
        } catch {
            throw EngineError.malformed(file: path, detail: "at byte \(error.offset): \(error.detail)")
        }
        guard let members = value.object else {
            throw EngineError.malformed(file: path, detail: "a JSON object is expected")
        }
        self.init(path: path, members: members)
    }

    /// The bytes of a text file of bounded length.
    package static func bytes(of path: String) throws(EngineError) -> [UInt8] {
        let file = try ReadOnlyFile(path: path)
        guard file.size <= Limits.jsonFileBytes else {
            throw EngineError.unreadable(
                file: path, detail: "it has \(file.size) bytes; at most \(Limits.jsonFileBytes) are read")
        }
        var bytes = [UInt8](repeating: 0, count: file.size)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(file.descriptor, $0.baseAddress! + filled, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EngineError.unreadable(file: path, detail: "it ends early") }
            filled += count
        }
        return bytes
    }
}

/// An open file descriptor for reading a regular file, closed when let go.
package final class ReadOnlyFile {
    package let descriptor: Int32
    package let size: Int

    package init(path: String) throws(EngineError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw EngineError.unreadable(file: path, detail: String(cString: strerror(errno)))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw EngineError.unreadable(file: path, detail: "not a regular file")
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }
}
