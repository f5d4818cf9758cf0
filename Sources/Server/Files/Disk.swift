internal import FoundationEssentials
internal import Glibc

/// Whole-file and folder operations, each of which leaves nothing half done behind a power cut once it returns.
///
/// Paths come from this module alone: validated style names, job ids and fixed names.
/// Nothing here follows a symbolic link as the last component of a path it reads.
enum Disk {
    private static let copyBlock = 256 << 10

    static func makeFolder(_ path: String) throws(ServerError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .file(what: "Cannot make the folder \(path)", code: code(of: error))
        }
    }

    /// Makes renames and new names inside `path` survive a power cut.
    static func synchroniseFolder(_ path: String) throws(ServerError) {
        let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY, what: "Cannot open the folder \(path)")
        try folder.synchronise(what: "Cannot write the folder \(path) to disk")
    }

    static func synchroniseFile(_ path: String) throws(ServerError) {
        let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW, what: "Cannot open \(path)")
        try file.synchronise(what: "Cannot write \(path) to disk")
    }

    static func rename(_ source: String, to target: String) throws(ServerError) {
        guard Glibc.rename(source, target) == 0 else {
            throw .file(what: "Cannot move \(source)", code: errno)
        }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether a regular file, not a link, is at `path`.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// What tells whether a file has changed since it was last looked at.
    struct Stamp: Equatable {
        var inode: UInt64
        var size: Int
        var changed: Int
        var nanoseconds: Int
    }

    /// - Returns: nil when no regular file is there.
    static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Stamp(
            inode: UInt64(status.st_ino), size: Int(status.st_size), changed: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    /// Seconds since `path` was last written, nil when nothing is there.
    static func age(_ path: String, at now: Double) -> Double? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return now - Double(status.st_mtim.tv_sec)
    }

    /// Names in a folder, sorted; empty when the folder cannot be read.
    static func names(in folder: String) -> [String] {
        let found = try? FileManager.default.contentsOfDirectory(atPath: folder)
        return (found ?? []).sorted()
    }

    /// Removes a file or a whole folder; nothing happens when it is not there.
    static func remove(_ path: String) throws(ServerError) {
        guard exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .file(what: "Cannot remove \(path)", code: code(of: error))
        }
    }

    /// Writes a new file and brings it to disk.
    static func write(_ bytes: [UInt8], to path: String) throws(ServerError) {
        let what = "Cannot write \(path)"
        let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, what: what)
        var failure: ServerError?
        bytes.withUnsafeBytes { buffer in
            do throws(ServerError) { try file.writeAll(buffer, what: what) } catch { failure = error }
        }
        if let failure { throw failure }
        try file.synchronise(what: what)
    }

    /// Reads a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(ServerError) -> [UInt8] {
        let what = "Cannot read \(path)"
        let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW, what: what)
        let size = try file.size(what: what)
        guard size <= limit else { throw .file(what: what, code: EFBIG) }
        var bytes: [UInt8] = []
        while bytes.count < size {
            let more = try file.read(at: bytes.count, upTo: size - bytes.count, what: what)
            guard !more.isEmpty else { break }
            bytes += more
        }
        return bytes
    }

    /// Copies a regular file into a new one and brings it to disk.
    ///
    /// - Returns: SHA-256 of the bytes and their count.
    @discardableResult
    static func copy(_ source: String, to target: String) throws(ServerError) -> (hash: String, bytes: Int) {
        let what = "Cannot write \(target)"
        let output = try Descriptor.open(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, what: what)
        let digest = Digest()
        var total = 0
        var failure: ServerError?
        try readBlocks(source) { block in
            digest.update(block)
            total += block.count
            do throws(ServerError) { try output.writeAll(block, what: what) } catch { failure = error }
            return failure == nil
        }
        if let failure { throw failure }
        try output.synchronise(what: what)
        return (digest.finish(), total)
    }

    /// - Returns: SHA-256 of a regular file and its size in bytes.
    static func hash(_ path: String) throws(ServerError) -> (hash: String, bytes: Int) {
        let digest = Digest()
        var total = 0
        try readBlocks(path) { block in
            digest.update(block)
            total += block.count
            return true
        }
        return (digest.finish(), total)
    }

    /// Gives a file a second name, or copies it where the target is on another disk.
    static func link(_ source: String, to target: String) throws(ServerError) {
        if Glibc.link(source, target) == 0 { return }
        guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP else {
            throw .file(what: "Cannot write \(target)", code: errno)
        }
        try copy(source, to: target)
    }

    private static func readBlocks(
        _ path: String, _ take: (UnsafeRawBufferPointer) -> Bool
    ) throws(ServerError) {
        let what = "Cannot read \(path)"
        let input = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW, what: what)
        var offset = 0
        while true {
            let block = try input.read(at: offset, upTo: copyBlock, what: what)
            offset += block.count
            guard !block.isEmpty, block.withUnsafeBytes({ take($0) }) else { return }
        }
    }

    private static func code(of error: any Error) -> Int32 {
        switch (error as? CocoaError)?.code {
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteNoPermission, .fileReadNoPermission: EACCES
        case .fileWriteFileExists: EEXIST
        case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
        case .fileWriteVolumeReadOnly: EROFS
        default: EIO
        }
    }
}
