// What a picture's path says: whether it is a photo or a sketch, and which file on the other side is its partner.

enum Side { case photo, sketch }

/// A picture's path below the data's folder, taken apart.
struct PictureName {
    let path: String
    /// The folders above it, outermost first.
    let folders: [String]
    /// The file's name without its extension.
    let stem: String
    let fileExtension: String

    init(_ path: String) {
        self.path = path
        var parts = path.split(separator: "/").map(String.init)
        let file = parts.popLast() ?? ""
        folders = parts
        let dot = file.lastIndex(of: ".") ?? file.endIndex
        stem = String(file[..<dot])
        fileExtension = file[dot...].dropFirst().lowercased()
    }

    /// By the nearest folder that says so; nil where none does.
    var side: Side? {
        for folder in folders.reversed() {
            let folder = folder.lowercased()
            if folder.contains("sketch") { return .sketch }
            if folder.contains("photo") { return .photo }
        }
        return nil
    }

    var lowercasedStem: String { stem.lowercased() }

    /// CUFS names the artist after the person: `-sz1`.
    var hasArtistSuffix: Bool { lowercasedStem.firstMatch(of: #/-sz\d+$/#) != nil }

    /// The stem without what a data set adds on one side: CUFS the artist, FS2K a word before the number.
    var bareStem: String {
        lowercasedStem.replacing(#/-sz\d+$/#, with: "").replacing(#/^(photo|image|sketch)[-_]?(?=\d)/#, with: "")
    }

    /// A folder's name without the words for the sides and what joined them to the rest.
    static func withoutSide(_ folder: String) -> String {
        let rest = folder.replacing(#/(photos?|sketch(es)?)/#.ignoresCase(), with: "")
        return rest.replacing(#/^[-_ ]+|[-_ ]+$/#, with: "")
    }
}
