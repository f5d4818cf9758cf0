// A picture read from a file, with what was done to it that its sender may want to know.

/// A decoded picture and remarks on its decoding.
public struct Picture: Sendable, Equatable {
    /// sRGB, upright, transparency over white.
    public let raster: Raster
    /// Empty for nearly every picture.
    public let warnings: [PictureWarning]
}

/// Something about a picture that was passed over; the picture is usable all the same.
public enum PictureWarning: Sendable, Equatable, CustomStringConvertible {
    /// The embedded colour profile cannot be used, and the samples were taken as sRGB, or inks by the plain formula.
    case profileIgnored(detail: String)
    /// The picture is animated, and its first frame was taken.
    case firstFrameOnly
    /// No face is seen from the front; said in builds that look for faces.
    case noFace
    /// More faces than one are seen.
    case severalFaces(Int)

    public var description: String {
        switch self {
        case .profileIgnored(let detail):
            "the picture's colour profile was ignored (\(detail)), so its colours may be a little off; "
                + "save it anew as sRGB to be sure"
        case .firstFrameOnly:
            "the picture is animated; only its first frame was used"
        case .noFace:
            "no face was found in the photo; portraits seen from the front come out best"
        case .severalFaces(let count):
            "\(count) faces were found in the photo; a photo of one person comes out best"
        }
    }
}
