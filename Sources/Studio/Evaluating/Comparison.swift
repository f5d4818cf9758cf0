// The metrics alone, of pictures that are there: what `limner compare` prints.
import Foundation
package import LimnerEvaluation
import LimnerImaging

/// Pictures measured against their truths.
package struct Comparison: Encodable {
    /// One picture.
    package struct Item: Encodable {
        package let name: String
        package let score: Score
        package let size: Extent
        package let truthSize: Extent
    }

    package let pictures: [Item]
    /// nil when nothing could be measured.
    package let mean: Score?
    package let rejected: [Rejection]

    /// Compares two pictures, or the pictures of two folders that have the same stems.
    /// - Parameter truth: what is measured against, and whose sizes count.
    package init(truth: String, with other: String) throws {
        var pictures: [Item] = []
        var rejected: [Rejection] = []
        let (isFolder, otherIsFolder) = (Self.isFolder(truth), Self.isFolder(other))
        guard isFolder == otherIsFolder else {
            let (folder, file) = isFolder ? (truth, other) : (other, truth)
            throw StudioError.refused("'\(folder)' is a folder and '\(file)' is none; give two of either")
        }
        if isFolder {
            let (truths, others) = try (Self.pictures(in: truth), Self.pictures(in: other))
            for name in Set(truths.keys).union(others.keys).sorted() {
                guard let truth = truths[name], let other = others[name], truth.count == 1, other.count == 1 else {
                    rejected.append(Rejection(name, "is not once in each of the two folders"))
                    continue
                }
                do {
                    pictures.append(try Self.item(name, truth[0], other[0]))
                } catch {
                    rejected.append(Rejection(name, "\(error)"))
                }
            }
        } else {
            pictures = [try Self.item(URL(fileURLWithPath: other).lastPathComponent, truth, other)]
        }
        self.pictures = pictures
        self.rejected = rejected
        mean = PerMetric<Spread>(pictures.map(\.score))?.means
    }

    private static func item(_ name: String, _ truth: String, _ other: String) throws -> Item {
        let (truth, other) = try (Raster.read(truth), Raster.read(other))
        return Item(
            name: name, score: try Score(other, truth: truth), size: other.extent, truthSize: truth.extent)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Paths of a folder's pictures by their stems.
    private static func pictures(in folder: String) throws(StudioError) -> [String: [String]] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .file(path: folder, detail: "cannot be read: \(error.localizedDescription)")
        }
        let pictures = names.map { URL(fileURLWithPath: folder).appendingPathComponent($0) }
            .filter { ["png", "jpg", "jpeg"].contains($0.pathExtension.lowercased()) }
        return Dictionary(grouping: pictures) { $0.deletingPathExtension().lastPathComponent }
            .mapValues { $0.map(\.path) }
    }
}

extension Comparison {
    /// A line for each picture, and the mean.
    package var text: String {
        var lines = pictures.map { item in
            let sizes = item.size == item.truthSize ? "\(item.size)" : "\(item.size) at \(item.truthSize)"
            return "\(item.name): \(Self.words(item.score)), \(sizes)"
        }
        if let mean, pictures.count > 1 { lines.append("mean of \(pictures.count): \(Self.words(mean))") }
        return (lines + rejected.map { "not measured: \($0.what): \($0.reason)" }).joined(separator: "\n")
    }

    private static func words(_ score: Score) -> String {
        Metric.allCases.map { String(format: "%@ %.4f", $0.title, score[$0]) }.joined(separator: ", ")
    }
}
