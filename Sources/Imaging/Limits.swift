// Every bound LimnerImaging puts on what it reads and makes, in one place.
//
// Together they bound memory: a file is held once, a picture is at most `maximumPixels` RGB triples (150 MB),
// held twice while it is turned upright, and the codecs add at most `codecBytes`.

/// Bounds on pictures read and made.
public enum Limits {
    /// Width × height a picture may have.
    public static let maximumPixels = 50_000_000
    /// Width or height a picture may have, in pixels.
    public static let maximumSide = 20_000
    /// Bytes a picture file may have: an uncompressed 16-bit PNG of the largest size with room to spare.
    public static let maximumFileBytes = 512 << 20
    /// Scans a progressive JPEG may have. Encoders write about ten, of four colours about twenty; every further one
    /// costs a pass over the picture.
    public static let maximumScans = 32
    /// Coefficients of a progressive JPEG held while it is decoded: four full components of the largest picture.
    static let codecBytes = 448 << 20
    /// Bytes of one PNG chunk other than IDAT. Such chunks are skipped, not held.
    static let chunkBytes = 64 << 20
    /// Bytes at the start of a file in which signs of other formats are looked for.
    static let sniffedBytes = 1024
    /// Directory entries read from EXIF data before it is taken for damaged.
    static let exifEntries = 512
    /// Bytes of all provenance texts embedded in one picture.
    public static let maximumTextBytes = 1 << 20
    /// Lines a caption on a contact sheet may take before it is cut.
    static let captionLines = 3
}
