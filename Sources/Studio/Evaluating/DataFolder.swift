// The folder of pairs on disk: its listing, a digest of it, and its pictures.
import Foundation
import LimnerEngine
import LimnerEvaluation
import LimnerImaging

/// The pairs of an evaluation.
struct DataFolder {
    let name: String
    let set: DataSet
    /// Whether every sketch, the tuned pairs' too, is prepared as OS-Sketch prepares them.
    let preparesTruths: Bool
    /// SHA-256 over the names and contents of all paired files.
    let hash: String
    private let root: URL

    /// - Throws: ``EvaluationError`` when the folder cannot be read or holds no pair.
    init(_ path: String, preparesTruths: Bool?) throws {
        let root = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
        self.root = root
        name = root.lastPathComponent
        let files = try Self.files(below: root)
        let annotations = DataSet.annotationNames.compactMap { try? Data(contentsOf: root.appendingPathComponent($0)) }
        set = DataSet(name: name, files: files, annotations: annotations)
        guard !set.families.isEmpty else {
            let reasons = set.rejected.prefix(3).map { " \($0.what) \($0.reason)." }.joined()
            throw EvaluationError.layout(
                folder: path,
                detail: "give one with photos/ and sketches/ of the same names, or a folder of such folders.\(reasons)")
        }
        self.preparesTruths = preparesTruths ?? (set.layout == .osSketch)
        hash = try Self.hash(set, root)
    }

    func path(_ file: String) -> String { root.appendingPathComponent(file).path }

    func photo(_ pair: Pair) throws -> Raster { try Raster.read(path(pair.photo)) }

    /// The pair's sketch, gray and prepared when that is asked for: the truth that is measured against.
    func sketch(_ pair: Pair) throws -> Raster {
        let gray = try Raster.read(path(pair.sketch)).gray
        return preparesTruths ? Raster(benchmarkTruth(GrayImage(gray))) : gray
    }

    private static func files(below root: URL) throws(EvaluationError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        } catch {
            throw .unreadable(path: root.path, detail: error.localizedDescription)
        }
        return names.filter { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: root.appendingPathComponent(name).path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue
        }
    }

    private static func hash(_ set: DataSet, _ root: URL) throws(EvaluationError) -> String {
        var digest = SHA256()
        for file in set.families.flatMap(\.pairs).flatMap({ [$0.photo, $0.sketch] }).sorted() {
            do {
                let contents = try Data(contentsOf: root.appendingPathComponent(file), options: .alwaysMapped)
                digest.update(Data("\(file)\n\(contents.count)\n".utf8))
                digest.update(contents)
            } catch {
                throw .unreadable(path: file, detail: error.localizedDescription)
            }
        }
        return digest.finish()
    }
}
