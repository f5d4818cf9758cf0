// Everything that can go wrong with a picture, said so that the person who sent it knows what to do.

/// Why a picture could not be read or written.
public enum ImagingError: Error, Equatable, CustomStringConvertible {
    /// The file at `path` cannot be read; `detail` is the system's reason.
    case unreadable(path: String, detail: String)
    /// The file has more bytes than ``Limits/maximumFileBytes``.
    case tooManyBytes(path: String)
    /// The bytes are no JPEG, PNG or WebP; `looksLike` names what they seem to be, as in "a GIF picture".
    case notAPicture(looksLike: String)
    /// The picture has, by its header, more than `limit` pixels or than ``Limits/maximumSide`` on a side.
    case tooLarge(width: Int, height: Int, limit: Int = Limits.maximumPixels)
    /// A picture of a format that this build of the program does not read.
    case notBuiltIn(PictureFormat)
    /// The bytes end before the picture does.
    case truncated(PictureFormat)
    /// The bytes contradict their format, or would decode to wrong pixels.
    case damaged(PictureFormat, detail: String)
    /// A legal picture of a kind that is not read here.
    case unsupported(PictureFormat, detail: String)
    /// A JPEG with more than ``Limits/maximumScans`` scans.
    case tooManyScans
    /// Decoding or encoding ran out of the memory allowed for it.
    case outOfMemory(PictureFormat)
    /// The picture cannot be written so.
    case unwritable(PictureFormat, detail: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let detail):
            "\(path) cannot be read: \(detail)"
        case .tooManyBytes(let path):
            "\(path) is larger than \(Limits.maximumFileBytes >> 20) MiB; send a smaller picture"
        case .notAPicture(let looksLike):
            "this is \(looksLike), not a JPEG, PNG or WebP picture; save it as JPEG or PNG"
        case .tooLarge(let width, let height, let limit):
            "\(width) × \(height) pixels are too many: at most \(Double(limit / 100_000) / 10) million, "
                + "and \(Limits.maximumSide) on a side; make it smaller"
        case .notBuiltIn(let format):
            "\(format.name) pictures are not built into this limner; save it as JPEG, or build limner with "
                + "--traits \(format.name)"
        case .truncated(let format):
            "the \(format.name) ends before the picture is complete; it was probably cut off on its way: send it again"
        case .damaged(let format, let detail):
            "the \(format.name) is damaged (\(detail)); open it and save it anew as JPEG or PNG"
        case .unsupported(let format, let detail):
            "this kind of \(format.name) is not read (\(detail)); save it as an ordinary JPEG or PNG"
        case .tooManyScans:
            "the JPEG has more than \(Limits.maximumScans) scans; save it anew as an ordinary JPEG"
        case .outOfMemory(let format):
            "the \(format.name) needs more memory than a picture may; make it smaller"
        case .unwritable(let format, let detail):
            "the picture cannot be written as \(format.name): \(detail)"
        }
    }
}
