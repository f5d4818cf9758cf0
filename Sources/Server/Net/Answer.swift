internal import Glibc
package import LimnerProtocol

/// An answer on its way out: status, fields and a body that is in memory, in a file or still being made.
package struct Answer: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        case file(FileSlice)
        case stream(BodyStream)

        /// Says to whoever makes the body that it will not be sent.
        func discard() {
            if case .stream(let stream) = self { stream.leave() }
        }
    }

    package var status: Int
    package var fields: HeaderFields
    package var body: Body

    package init(_ status: Int, fields: HeaderFields = HeaderFields(), body: Body = .none) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A body of `bytes` with its media type.
    package init(_ status: Int, _ mediaType: String, _ bytes: [UInt8]) {
        self.init(status, fields: ["Content-Type": mediaType], body: .bytes(bytes))
    }

    /// What the head says of the body's length.
    var length: ResponseBody {
        switch body {
        case .none: .none
        case .bytes(let bytes): .length(bytes.count)
        case .file(let slice): .length(slice.range.count)
        case .stream: .stream
        }
    }

    /// The same answer with another field.
    func with(_ name: String, _ value: String) -> Answer {
        var answer = self
        answer.fields.set(name, value)
        return answer
    }
}

/// Part of an open file: it can be sent to its end even if the file loses its name meanwhile.
package final class FileSlice: Sendable {
    private let file: Descriptor
    let range: Range<Int>

    /// - Parameter range: nil means all of it.
    init(_ path: String, range: Range<Int>? = nil) throws(ServerError) {
        let what = "Cannot read \(path)"
        let opened = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW, what: what)
        let size = try opened.size(what: what)
        guard range.map({ $0.upperBound <= size }) ?? true else { throw .file(what: what, code: EIO) }
        file = opened
        self.range = range ?? 0..<size
    }

    /// The bytes from `offset` (0 is the slice's first), at most `capacity`; empty at the end or when reading fails.
    func read(at offset: Int, upTo capacity: Int) -> [UInt8] {
        let count = min(capacity, range.count - offset)
        guard count > 0 else { return [] }
        let bytes = try? file.read(at: range.lowerBound + offset, upTo: count, what: "Cannot read a result")
        return bytes ?? []
    }
}
