// Packed weights in a file beside the model, so that they are packed once and then mapped: a start takes moments, and
// processes with the same model share its memory. The file holds the panels, page by page, then an index in JSON, the
// index's length and a mark. It is made for a model of one hash; for another it is made anew.
import Foundation
import Glibc

/// The file of packed weights of one model, mapped for reading, or being written.
package final class PanelCache: @unchecked Sendable {
    /// What the file says of itself.
    private struct Index: Codable {
        /// Of the form of panels and file; another one is made anew.
        var format = PanelCache.format
        /// The model's.
        let hash: String
        var spans: [String: [Int]] = [:]
    }

    /// Bytes of packed weights from which a file is worth its room.
    package static let smallest = 64 << 20
    private static let format = 3
    private static let mark = Array("limner panels\n".utf8)
    private static let page = 4096

    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var index: Index
    /// Where the file lies and the next span begins while it is written; nil once it is finished.
    private var writing: (temporary: String, path: String, descriptor: Int32, end: Int)?

    /// The finished file at `path`, if it is there and was made for the model of that hash.
    package init?(path: String, hash: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > Self.mark.count + 8,
            let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else { return nil }
        let size = Int(status.st_size)
        guard let index = Self.index(UnsafeRawBufferPointer(start: start, count: size)), index.format == Self.format,
            index.hash == hash,
            index.spans.values.allSatisfy({ $0.count == 2 && $0[0] >= 0 && $0[1] >= 0 && $0[0] + $0[1] <= size })
        else {
            munmap(start, size)
            return nil
        }
        (base, self.size, self.index) = (start, size, index)
    }

    /// A new file for at most `capacity` bytes of packed weights; nil where there is no room or the
    /// folder cannot be written to.
    package init?(creating path: String, hash: String, capacity: Int) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).part"
        let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return nil }
        guard posix_fallocate(descriptor, 0, capacity) == 0,
            let start = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else {
            close(descriptor)
            unlink(temporary)
            return nil
        }
        (base, size) = (start, capacity)
        index = Index(hash: hash)
        writing = (temporary, path, descriptor, 0)
    }

    deinit {
        if let writing {
            close(writing.descriptor)
            unlink(writing.temporary)
        }
        munmap(base, size)
    }

    /// The packed weights `name`, if the file has them with that size.
    func find(_ name: String, bytes: Int) -> UnsafeMutableRawPointer? {
        guard writing == nil, let span = index.spans[name], span[1] == bytes else { return nil }
        return base + span[0]
    }

    /// Room for the packed weights `name` in a file that is being written; nil when there is none left.
    func place(_ name: String, bytes: Int) -> UnsafeMutableRawPointer? {
        guard let writing, writing.end + bytes <= size else { return nil }
        index.spans[name] = [writing.end, bytes]
        self.writing?.end = (writing.end + bytes + Self.page - 1) / Self.page * Self.page
        return base + (writing.end)
    }

    /// Writes the index and gives the file its name; a file that cannot be finished is left out.
    package func finish() {
        guard let writing, let text = try? JSONEncoder().encode(index) else { return }
        var length = UInt64(text.count).littleEndian
        let tail = Array(text) + withUnsafeBytes(of: &length) { Array($0) } + Self.mark
        let written = tail.withUnsafeBytes { pwrite(writing.descriptor, $0.baseAddress, $0.count, off_t(writing.end)) }
        guard written == tail.count, ftruncate(writing.descriptor, off_t(writing.end + tail.count)) == 0,
            fsync(writing.descriptor) == 0, rename(writing.temporary, writing.path) == 0
        else { return }
        close(writing.descriptor)
        self.writing = nil
    }

    /// Lets go of the pages of all weights whose names begin with `prefix`; they come back when they are read.
    func rest(_ prefix: String) {
        guard writing == nil else { return }
        for (name, span) in index.spans where name.hasPrefix(prefix) {
            let first = span[0] / Self.page * Self.page
            madvise(base + first, span[0] + span[1] - first, Int32(MADV_DONTNEED))
        }
    }

    private static func index(_ file: UnsafeRawBufferPointer) -> Index? {
        let tail = file.count - mark.count - 8
        guard file[(tail + 8)...].elementsEqual(mark) else { return nil }
        let length = UInt64(littleEndian: file.loadUnaligned(fromByteOffset: tail, as: UInt64.self))
        guard length <= UInt64(min(tail, Limits.jsonFileBytes)) else { return nil }
        return try? JSONDecoder().decode(Index.self, from: Data(file[(tail - Int(length))..<tail]))
    }
}
