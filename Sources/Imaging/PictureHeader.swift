// What a picture says of itself, read without decoding a pixel and before any memory is set aside for it.
//
// A picture over the limits is refused here, so a kilobyte that claims 60,000 × 60,000 pixels costs nothing.

/// Format and size of a picture, from its header alone.
public struct PictureHeader: Sendable, Equatable {
    public let format: PictureFormat
    /// Size in pixels of the upright picture, as ``Raster/decode(_:atLeast:)`` gives it.
    public let width: Int, height: Int
    /// How the picture is stored.
    package let orientation: Orientation

    /// Size in pixels as stored.
    var storedWidth: Int { orientation.swapsSides ? height : width }
    var storedHeight: Int { orientation.swapsSides ? width : height }

    /// Reads the header of a JPEG, PNG or WebP, told by content.
    ///
    /// - Throws: ``ImagingError`` when the bytes are no picture, are damaged up to the size, or promise too much.
    public static func read(_ bytes: [UInt8]) throws(ImagingError) -> PictureHeader {
        switch try PictureFormat.recognised(in: bytes) {
        case .png: try png(bytes)
        case .jpeg: try jpeg(bytes)
        case .webp: try webp(bytes)
        case .heic: throw HEICPicture.headerError
        }
    }

    /// Reads the header of the file at `path`.
    public static func read(contentsOf path: String) throws(ImagingError) -> PictureHeader {
        try read(PictureFile.bytes(at: path))
    }

    private init(_ format: PictureFormat, _ width: Int, _ height: Int, _ orientation: Orientation)
        throws(ImagingError)
    {
        guard width > 0, height > 0 else { throw .damaged(format, detail: "its size is \(width) × \(height)") }
        guard width <= Limits.maximumSide, height <= Limits.maximumSide, width * height <= Limits.maximumPixels else {
            throw .tooLarge(width: width, height: height)
        }
        self.format = format
        self.width = orientation.swapsSides ? height : width
        self.height = orientation.swapsSides ? width : height
        self.orientation = orientation
    }

    /// IHDR comes first; eXIf may come anywhere.
    private static func png(_ bytes: [UInt8]) throws(ImagingError) -> PictureHeader {
        var chunks = PNGChunks(bytes)
        guard let first = chunks.next() else { throw .truncated(.png) }
        let view = ByteView(first.payload)
        guard first.type == "IHDR", first.payload.count == 13, let width = view.number(at: 0, width: 4),
            let height = view.number(at: 4, width: 4)
        else { throw .damaged(.png, detail: "it does not start with its size") }
        let exif = chunks.first { $0.type == "eXIf" }?.payload
        return try PictureHeader(.png, width, height, exif.map(Orientation.init(exif:)) ?? .upright)
    }

    /// The frame header gives the size; the EXIF block may stand before or after it, but before the first scan. All scans
    /// are counted, so that a file of thousands is refused before one is decoded.
    private static func jpeg(_ bytes: [UInt8]) throws(ImagingError) -> PictureHeader {
        let exifMark = Array("Exif\0\0".utf8)
        var orientation: Orientation?
        var frame: JPEGSegments.Segment?
        var scans = 0
        for segment in JPEGSegments(bytes) {
            switch segment.marker {
            case 0xE1 where orientation == nil && scans == 0 && segment.payload.starts(with: exifMark):
                orientation = Orientation(exif: segment.payload.dropFirst(exifMark.count))
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(segment.marker) && frame == nil && scans == 0:
                frame = segment
            case JPEGSegments.startOfScan:
                scans += 1
                guard scans <= Limits.maximumScans else { throw .tooManyScans }
            default:
                break
            }
        }
        guard let frame else {
            throw scans > 0 ? .damaged(.jpeg, detail: "it has no frame header") : .truncated(.jpeg)
        }
        return try jpeg(frame: frame, orientation ?? .upright)
    }

    /// T.81 B.2.2: precision, lines, samples per line, components.
    private static func jpeg(frame: JPEGSegments.Segment, _ orientation: Orientation) throws(ImagingError)
        -> PictureHeader
    {
        let view = ByteView(frame.payload)
        guard let precision = view.number(at: 0, width: 1), let height = view.number(at: 1, width: 2),
            let width = view.number(at: 3, width: 2), let components = view.number(at: 5, width: 1)
        else { throw .damaged(.jpeg, detail: "its frame header is short") }
        guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(frame.marker) else {
            throw .unsupported(.jpeg, detail: "lossless or hierarchical coding")
        }
        guard precision == 8 else { throw .unsupported(.jpeg, detail: "\(precision) bits a sample") }
        guard [1, 3, 4].contains(components) else {
            throw .unsupported(.jpeg, detail: "\(components) colour components")
        }
        return try PictureHeader(.jpeg, width, height, orientation)
    }

    /// The first frame's chunks give a still picture's size; an animation has a canvas of its own.
    private static func webp(_ bytes: [UInt8]) throws(ImagingError) -> PictureHeader {
        let container = try WebPContainer(bytes)
        let exif = container.exif.map(Orientation.init(exif:)) ?? .upright
        return try PictureHeader(.webp, container.width, container.height, exif)
    }
}
