// What a file is, told by its first bytes and never by its name.

/// The formats read; PNG and JPEG are written too.
public enum PictureFormat: String, Sendable, CaseIterable {
    case png, jpeg, webp, heic

    /// As people write it: "PNG", "JPEG", "WebP".
    public var name: String { self == .webp ? "WebP" : rawValue.uppercased() }

    /// The media type, as in a `Content-Type` header.
    public var mediaType: String { "image/\(rawValue)" }

    /// Tells the format by content.
    ///
    /// - Throws: ``ImagingError/notAPicture(looksLike:)`` naming what the bytes seem to be instead.
    public static func recognised(in bytes: [UInt8]) throws(ImagingError) -> PictureFormat {
        if bytes.starts(with: PNGChunks.signature) { return .png }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) { return .webp }
        if bytes.dropFirst(4).starts(with: "ftyp".utf8), heicBrands.contains(where: bytes.dropFirst(8).starts(with:)) {
            return .heic
        }
        throw .notAPicture(looksLike: Lookalike.name(of: bytes))
    }

    /// What HEIF files of HEVC pictures call themselves (ISO/IEC 23008-12, B.4.1); "mif1" and "msf1" name no coding.
    private static let heicBrands = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].map {
        Array($0.utf8)
    }
}

/// Signs by which other files are recognised, only to name them in an error.
private enum Lookalike {
    /// A sign at a fixed offset, and the name of what carries it; the first match counts.
    static let signs: [(offset: Int, sign: String, name: String)] = [
        (0, "GIF8", "a GIF picture"), (0, "%PDF", "a PDF document"),
        (4, "ftypavi", "an AVIF picture"), (4, "ftypqt", "a QuickTime film"),
        (4, "ftypcr", "a raw camera file"), (4, "ftyp", "an MP4 film"), (0, "II*\0", "a TIFF or raw camera file"),
        (0, "MM\0*", "a TIFF or raw camera file"), (4, "jP  ", "a JPEG 2000 picture"),
        (4, "JXL ", "a JPEG XL picture"), (0, "8BPS", "a Photoshop document"), (0, "PK\u{3}\u{4}", "a ZIP archive"),
        (0, "BM", "a BMP picture"), (0, "\0\0\u{1}\0", "an icon file"), (0, "RIFF", "a sound or film file"),
        (0, "P6", "a PPM picture"), (0, "P5", "a PGM picture"), (0, "{", "a JSON text"),
    ]

    static func name(of bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "an empty file" }
        if bytes.starts(with: [0xFF, 0x0A]) { return "a JPEG XL picture" }
        if bytes.starts(with: [0x1F, 0x8B]) { return "a gzip archive" }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "a PNG that was changed on its way, as text" }
        if bytes.prefix(Limits.sniffedBytes).allSatisfy({ $0 == 0 }) { return "a file of zeros" }
        for candidate in signs where bytes.dropFirst(candidate.offset).starts(with: Array(candidate.sign.utf8)) {
            return candidate.name
        }
        return text(bytes.prefix(Limits.sniffedBytes)) ?? "a file of an unknown kind"
    }

    /// Names the kinds of text people send by mistake; nil for bytes that are no ASCII text.
    private static func text(_ start: ArraySlice<UInt8>) -> String? {
        guard start.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) else {
            return nil
        }
        let text = String(decoding: start, as: UTF8.self).lowercased()
        if text.contains("<svg") { return "an SVG drawing" }
        if text.contains("<html") || text.contains("<!doctype") { return "a web page" }
        return "a text"
    }
}
