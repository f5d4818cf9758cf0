// Where an evaluation is written: the journal, sketches, styles and the report. Whatever is written is whole or not there,
// so a run that is killed at any moment is gone on with by the same command.
import Foundation
import Glibc
import LimnerEvaluation
import LimnerImaging

/// The folder of one evaluation, held by one process.
final class EvaluationFolder {
    private let root: URL
    private let journal: FileHandle
    private(set) var records = Records()

    private static let journalName = "journal.jsonl"

    /// Opens the folder, new or with an evaluation of the same header.
    /// - Throws: ``EvaluationError`` when it holds something else, is held by another process, or cannot be written.
    init(_ path: String, _ header: Header) throws(EvaluationError) {
        let root = URL(fileURLWithPath: path)
        self.root = root
        let file = root.appendingPathComponent(Self.journalName).path
        let isNew = !FileManager.default.fileExists(atPath: file)
        if isNew, let found = try? FileManager.default.contentsOfDirectory(atPath: path), !found.isEmpty {
            throw .setting(name: "--out", detail: "'\(path)' is not empty and holds no evaluation; give another folder")
        }
        try Self.writing(path) { try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true) }
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: file, detail: String(cString: strerror(errno))) }
        journal = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .setting(
                name: "--out", detail: "'\(path)' is in use by another run; wait for it, or give another folder")
        }
        try resume(path, file, header)
    }

    /// Reads what is there, cuts off what is torn, and leaves the journal ready to be appended to.
    private func resume(_ path: String, _ file: String, _ header: Header) throws(EvaluationError) {
        let data: Data
        do { data = try journal.readToEnd() ?? Data() } catch {
            throw .unreadable(path: file, detail: error.localizedDescription)
        }
        let earlier = try Journal(data, path: file)
        if let earlier {
            let differences = header.differences(from: earlier.header)
            guard differences.isEmpty else {
                throw .setting(
                    name: "--out",
                    detail: "'\(path)' holds another evaluation (\(differences.joined(separator: "; "))); give another "
                        + "folder, or go on with what it was begun with")
            }
            records = earlier.records
        }
        try Self.writing(file) {
            try journal.truncate(atOffset: UInt64(earlier?.soundBytes ?? 0))
            try journal.seekToEnd()
        }
        if earlier == nil { try append(Journal.line(header)) }
    }

    /// Keeps a finished unit.
    func finish(_ entry: Entry) throws(EvaluationError) {
        try append(Journal.line(entry))
        records.add(entry)
    }

    private func append(_ line: Data) throws(EvaluationError) {
        try Self.writing(root.path) { try journal.write(contentsOf: line) }
    }

    func path(_ name: String) -> String { root.appendingPathComponent(name).path }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The picture that was kept under this name, or else a new one, which is kept.
    func picture(_ name: String, make: () throws -> Raster) throws -> Raster {
        if has(name), let kept = try? Raster.decode(contentsOf: path(name)) { return kept }
        let picture = try make()
        try write(picture, name)
        return picture
    }

    func write(_ picture: Raster, _ name: String) throws {
        try write(Data(picture.encoded(as: .png)), name)
    }

    func write(_ contents: Data, _ name: String) throws(EvaluationError) {
        try makeFolder(for: name)
        let url = root.appendingPathComponent(name)
        try Self.writing(url.path) { try contents.write(to: url, options: .atomic) }
    }

    /// Makes the folder that a file of this name is in.
    func makeFolder(for name: String) throws(EvaluationError) {
        let folder = root.appendingPathComponent(name).deletingLastPathComponent()
        try Self.writing(folder.path) {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    private static func writing(_ path: String, _ body: () throws -> Void) throws(EvaluationError) {
        do { try body() } catch { throw .unwritable(path: path, detail: error.localizedDescription) }
    }
}
