internal import Glibc
internal import LimnerProtocol

/// One file of an upload, on disk.
struct StagedFile: Sendable {
    /// The name of the form part it came as.
    let part: String
    let path: String
    let bytes: Int
}

/// A body that has been taken apart: files on disk in a staging folder, text fields in memory.
struct StagedUpload: Sendable {
    let folder: String
    /// In the order they came.
    let files: [StagedFile]
    let fields: [NamedValue]

    /// - Throws: 422 when no file was sent as that part, or one is empty.
    func require(_ part: String) throws -> [String] {
        let found = files.filter { $0.part == part }
        guard !found.isEmpty else { throw Refusal(field: part, "Attach a file as the form part '\(part)'.") }
        guard found.allSatisfy({ $0.bytes > 0 }) else { throw Refusal(field: part, "The file is empty.") }
        return found.map(\.path)
    }

    func has(_ part: String) -> Bool { files.contains { $0.part == part } }
}

/// Takes a body apart as it arrives. Nothing in memory grows with the body: a block at a time goes to its file, and
/// each file is brought to disk when its part ends.
final class UploadReader {
    private let plan: FormPlan
    private let folder: String
    private var parser: MultipartParser?
    private var sink: FileSink?
    private var field: (name: String, bytes: [UInt8])?
    private var files: [StagedFile] = []
    private var fields: [NamedValue] = []

    /// - Parameters:
    ///   - folder: an empty folder for the files.
    ///   - boundary: nil for a raw body.
    init(_ plan: FormPlan, folder: String, boundary: [UInt8]?) {
        self.plan = plan
        self.folder = folder
        parser = boundary.map { MultipartParser(boundary: $0) }
    }

    func receive(_ bytes: [UInt8]) throws {
        guard parser != nil else { return try receiveRaw(bytes) }
        parser?.feed(bytes)
        try takeEvents()
    }

    func finish() throws -> StagedUpload {
        if parser != nil {
            parser?.finishInput()
            try takeEvents()
        } else {
            try receiveRaw([])
            try endPart()
        }
        return StagedUpload(folder: folder, files: files, fields: fields)
    }

    private func receiveRaw(_ bytes: [UInt8]) throws {
        guard let name = plan.raw?.file, let limit = plan.files[name] else { return }
        if sink == nil { sink = try FileSink(name, folder + "/" + name) }
        guard (sink?.count ?? 0) + bytes.count <= limit else { throw ParseFault.bodyTooLong }
        try sink?.write(bytes)
    }

    private func takeEvents() throws {
        while let event = parser?.next() {
            switch event {
            case .needsMore, .finished: return
            case .part(let headers): try beginPart(headers)
            case .data(let bytes): try takeData(bytes)
            case .partEnd: try endPart()
            case .failure(let fault): throw fault
            }
        }
    }

    private func beginPart(_ headers: PartHeaders) throws {
        if let limit = plan.files[headers.name] {
            let (count, most) = (files.count { $0.part == headers.name }, plan.most[headers.name] ?? 1)
            guard count < most else {
                throw Refusal(field: headers.name, most == 1 ? "Give it once." : "Give it at most \(most) times.")
            }
            parser?.partLimit = limit
            sink = try FileSink(headers.name, folder + "/" + headers.name + (count == 0 ? "" : "-\(count)"))
        } else {
            let known = plan.files.keys.sorted().joined(separator: ", ")
            guard headers.filename == nil else { throw Refusal(422, "A file part is unknown; known are: \(known).") }
            parser?.partLimit = ServerLimits.formFieldBytes
            field = (headers.name, [])
        }
    }

    private func takeData(_ bytes: [UInt8]) throws {
        try sink?.write(bytes)
        field?.bytes += bytes
    }

    private func endPart() throws {
        if let sink {
            try sink.finish()
            files.append(StagedFile(part: sink.part, path: sink.path, bytes: sink.count))
        }
        if let field {
            guard let text = String(validating: field.bytes, as: UTF8.self) else {
                throw Refusal(400, "A text part of the form is not UTF-8.")
            }
            fields.append(NamedValue(field.name, text))
        }
        (sink, field) = (nil, nil)
    }
}

/// One file of an upload while it is written.
private final class FileSink {
    let part: String
    let path: String
    private(set) var count = 0
    private let file: Descriptor

    init(_ part: String, _ path: String) throws(ServerError) {
        self.part = part
        self.path = path
        file = try Descriptor.open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, what: "Cannot make a file for an upload")
    }

    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try file.writeAll($0, what: "Cannot write an upload") }
        count += bytes.count
    }

    func finish() throws(ServerError) {
        try file.synchronise(what: "Cannot bring an upload to disk")
    }
}
