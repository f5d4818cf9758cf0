// From the names of a folder's files to families of pairs. A file is a photo or a sketch by the nearest folder above it
// whose name says so; folders that differ in these words alone belong together. So `photos/` beside `sketches/`, a folder
// of such folders, and the data sets of the field are all found by the same rule.
package import Foundation

/// How a data set names its files.
public enum Layout: String, Sendable, Codable {
    /// `photos/` and `sketches/` with the same stems, or a folder of families like that.
    case plain
    /// The One-shot Face Sketch data set (Wu et al. 2025).
    case osSketch = "os-sketch"
    /// The CUHK Face Sketch database: `f-039-01.jpg` is drawn in `f-039-01-sz1.jpg`.
    case cufs
    /// FS2K (Fan et al. 2022): `photo/photo1/image0001` is drawn in `sketch/sketch1/sketch0001`, styles are annotated.
    case fs2k
}

/// A folder of pairs, read by names alone.
public struct DataSet: Sendable, Equatable {
    public let layout: Layout
    /// Sorted by name; each has at least one pair.
    public let families: [Family]
    public let rejected: [Rejection]

    /// Names of FS2K's annotations, beside its folders.
    package static let annotationNames = ["anno_train.json", "anno_test.json"]

    /// - Parameters:
    ///   - name: the data's own name, which a lone family takes.
    ///   - files: paths below the data's folder.
    ///   - annotations: contents of those files in ``annotationNames`` that are there.
    package init(name: String, files: [String], annotations: [Data] = []) {
        let files = files.filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" } }
        var rejected: [Rejection] = []
        var families = Self.shelves(files).map { $0.family(in: name, &rejected) }.filter { !$0.pairs.isEmpty }
        if !annotations.isEmpty { families = Self.styled(families, annotations, &rejected) }
        families = Self.withoutNamesakes(families, &rejected)
        layout = Self.layout(name: name, files: files, isAnnotated: !annotations.isEmpty)
        self.families = families.sorted { $0.name < $1.name }
        self.rejected = rejected.sorted { $0.what < $1.what }
    }

    /// Two families of one name could not be told apart in the numbers.
    private static func withoutNamesakes(_ families: [Family], _ rejected: inout [Rejection]) -> [Family] {
        let byName = Dictionary(grouping: families, by: \.name)
        for (name, same) in byName where same.count > 1 {
            rejected.append(Rejection(name, "is the name of \(same.count) families; rename their folders"))
        }
        return byName.values.filter { $0.count == 1 }.map { $0[0] }
    }

    private static func layout(name: String, files: [String], isAnnotated: Bool) -> Layout {
        if isAnnotated { return .fs2k }
        let plainName = name.lowercased().filter(\.isLetter)
        if plainName.contains("ossketch") || files.contains(where: { $0.contains("original-ood-sketches/") }) {
            return .osSketch
        }
        return files.contains { PictureName($0).hasArtistSuffix } ? .cufs : .plain
    }

    /// Files gathered under the name of their folder, in which "photo" and "sketch" count the same.
    private static func shelves(_ files: [String]) -> [Shelf] {
        var shelves: [String: Shelf] = [:]
        for path in files.sorted() {
            let name = PictureName(path)
            guard let side = name.side else { continue }
            let key = name.folders.map(PictureName.withoutSide).joined(separator: "/")
            switch side {
            case .photo: shelves[key, default: Shelf()].photos.append(name)
            case .sketch: shelves[key, default: Shelf()].sketches.append(name)
            }
        }
        return shelves.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// The photos and sketches of one family, before they are paired.
private struct Shelf {
    var photos: [PictureName] = []
    var sketches: [PictureName] = []

    func family(in data: String, _ rejected: inout [Rejection]) -> Family {
        guard let photo = photos.first, let sketch = sketches.first else {
            let lonely = photos.isEmpty ? "sketches without photos" : "photos without sketches"
            let folder = (photos + sketches)[0].folders.joined(separator: "/")
            rejected.append(Rejection(folder, "\(photos.count + sketches.count) \(lonely)"))
            return Family(name: data, pairs: [])
        }
        // what photo and sketch folder share is the family's name; where they differ, what is left without the words
        let parts = zip(photo.folders, sketch.folders).map { $0 == $1 ? $0 : PictureName.withoutSide($0) }
        let name = parts.filter { !$0.isEmpty }.joined(separator: "-")
        return Family(name: name.isEmpty ? data : name, pairs: pairs(&rejected))
    }

    /// Pairs by equal stems, then by stems without what their data set adds; what is not unique is refused.
    private func pairs(_ rejected: inout [Rejection]) -> [Pair] {
        let isPicture = { (name: PictureName) in ["png", "jpg", "jpeg"].contains(name.fileExtension) }
        for name in photos + sketches where !isPicture(name) {
            rejected.append(Rejection(name.path, "is no PNG or JPEG by its name"))
        }
        var (photos, sketches) = (photos.filter(isPicture), sketches.filter(isPicture))
        var pairs: [Pair] = []
        for key in [\PictureName.lowercasedStem, \.bareStem] {
            let drawn = Dictionary(grouping: sketches) { $0[keyPath: key] }
            let taken = Dictionary(grouping: photos) { $0[keyPath: key] }
                .filter { $1.count == 1 && drawn[$0]?.count == 1 }
            pairs += taken.map { Pair(name: $1[0].stem, photo: $1[0].path, sketch: drawn[$0]![0].path) }
            photos.removeAll { taken[$0[keyPath: key]] != nil }
            sketches.removeAll { taken[$0[keyPath: key]] != nil }
        }
        rejected += photos.map { Rejection($0.path, "has no sketch of its name, or more than one") }
        rejected += sketches.map { Rejection($0.path, "has no photo of its name, or more than one") }
        return pairs
    }
}
