// Every bound LimnerImaging puts on what it reads and makes, in one place.
//
// Together they bound memory: a file is held once, a picture is at most `maximumPixels` RGB triples (38 MB),
// held twice while it is turned upright, and the codecs add at most `codecBytes`.

/// Bounds on pictures read and made.
public enum Limits {
    /// Width × height a picture may have: 12 megapixels as cameras have them, 4032 × 3024 among them.
    public static let maximumPixels = 4096 * 3072
    /// Width × height a contact sheet may have.
    public static let maximumSheetPixels = 50_000_000
    /// Width or height a picture may have, in pixels.
    public static let maximumSide = 20_000
    /// Bytes a picture file may have: an uncompressed 16-bit PNG of the largest size with room to spare.
    public static let maximumFileBytes = 128 << 20
    /// Scans a progressive JPEG may have. Encoders write about ten, of four colours about twenty; every further one
    /// costs a pass over the picture.
    public static let maximumScans = 32
    /// Coefficients of a progressive JPEG held while it is decoded: four full components of the largest picture.
    static let codecBytes = 112 << 20
    /// Bytes of one PNG chunk other than IDAT. Such chunks are skipped, not held.
    static let chunkBytes = 1 << 20
    /// Bytes of a colour profile. Those of printing presses, the largest in use, have about three million.
    static let profileBytes = 4 << 20
    /// How many times longer than itself a deflated stream can become, rounded up (zlib's own figure is 1032).
    static let largestInflation = 1040
    /// Chunks or segments of a file that are looked at for what they say: a PNG of the largest size in pieces of 8 KiB has
    /// a third as many. What lies beyond is left to the codec.
    static let partsWalked = 50_000
    /// Bytes at the start of a file in which signs of other formats are looked for.
    static let sniffedBytes = 1024
    /// Directory entries read from EXIF data before it is taken for damaged.
    static let exifEntries = 512
    /// Bytes of all provenance texts embedded in one picture.
    public static let maximumTextBytes = 1 << 20
    /// Lines a caption on a contact sheet may take before it is cut.
    static let captionLines = 3
    /// A sketch whose every corner lies within this part of the photo's longer side of its place is left as it is.
    static let alignedDistance = 0.01
    /// Agreement of the edges from which on a movement is trusted, and how much better than in place it must be.
    static let trustedAgreement: Float = 0.33
    static let trustedGain: Float = 1.1
    /// Standard deviations by which the best of the coarse grid must stand out for a movement to be trusted.
    static let trustedDistinction: Float = 4
    /// Columns tried as the sides of two pictures' common field.
    static let fieldColumns = 256
    /// Long side of the copy of a photo in which faces are looked for: those of 80 pixels there are found.
    static let facesSide = 640
    /// What the process that decodes a HEIC may use: address space beyond its libraries', processor time, and time.
    static let heicBytes = 512 << 20
    static let heicSeconds = 10
    static let heicMilliseconds = 20_000
}
