// How many faces a photo shows, in a build with the trait Faces: what is drawn is best a portrait, and a photo of none or
// of several is remarked upon, never refused.

#if Faces
    internal import CFaces
#endif

extension Raster {
    /// Whether this build looks for faces.
    public static var seesFaces: Bool {
        #if Faces
            true
        #else
            false
        #endif
    }

    /// Faces seen from the front, about an eighth of the picture's long side or more across; nil in a build that does
    /// not look, or when memory is out.
    public var faceCount: Int? {
        #if Faces
            let scale = Double(Limits.facesSide) / Double(max(width, height))
            let seen = resized(
                width: max(1, Int(Double(width) * scale)), height: max(1, Int(Double(height) * scale)), filter: .bicubic
            )
            let count = limner_faces(seen.luminance, seen.width, seen.height)
            return count < 0 ? nil : Int(count)
        #else
            return nil
        #endif
    }

    /// A remark for whoever wants this photo drawn as a portrait.
    public var faceWarning: PictureWarning? {
        switch faceCount {
        case nil, 1: nil
        case 0: .noFace
        case let count?: .severalFaces(count)
        }
    }
}
