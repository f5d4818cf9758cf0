// From bytes to pixels: header, limits, codec with colour, orientation.

internal import CCodecs

extension Picture {
    /// Decodes a JPEG, PNG or WebP, told by content, brings it to sRGB and turns it upright as its EXIF orientation says.
    ///
    /// Grey, palette, 16-bit, CMYK and YCCK pictures become 8-bit RGB; transparency is laid over white; an animation gives
    /// its first frame. Samples of 16 bits are rounded to 8 before they go through a profile.
    ///
    /// - Parameters:
    ///   - bytes: the whole file. What follows the end of the picture is ignored.
    ///   - longSide: when given, a JPEG may come at 1/2, 1/4 or 1/8 of its size, its longer side still at least
    ///     this many pixels. It saves time and memory before a reduction; ask for twice the final side
    ///     to keep the reduction's quality.
    /// - Throws: ``ImagingError``. A truncated or damaged picture is an error, never a partly grey picture.
    public static func decode(_ bytes: [UInt8], atLeast longSide: Int? = nil) throws(ImagingError) -> Picture {
        if try PictureFormat.recognised(in: bytes) == .heic { return try HEICPicture.decode(bytes) }
        let header = try PictureHeader.read(bytes)
        let divisor = header.divisor(atLeast: longSide)
        let width = (header.storedWidth + divisor - 1) / divisor
        let height = (header.storedHeight + divisor - 1) / divisor
        var order = CodecOrder()
        order.width = UInt32(header.storedWidth)
        order.height = UInt32(header.storedHeight)
        order.scale_denominator = UInt32(divisor)
        order.maximum_scans = UInt32(Limits.maximumScans)
        order.maximum_memory = header.format == .jpeg ? Limits.codecBytes : Limits.chunkBytes
        var decoding = Decoding(order: order, format: header.format)
        let pixels = try decoding.pixels(bytes, count: 3 * width * height)
        let stored = Raster(width: width, height: height, pixels: pixels)
        return Picture(raster: stored.turnedUpright(from: header.orientation), warnings: decoding.warnings)
    }

    /// Decodes the file at `path`; see ``decode(_:atLeast:)``.
    public static func decode(contentsOf path: String, atLeast longSide: Int? = nil) throws(ImagingError) -> Picture {
        try decode(PictureFile.bytes(at: path), atLeast: longSide)
    }
}

extension Raster {
    /// The pixels of ``Picture/decode(_:atLeast:)``, for whom warnings are of no use.
    public static func decode(_ bytes: [UInt8], atLeast longSide: Int? = nil) throws(ImagingError) -> Raster {
        try Picture.decode(bytes, atLeast: longSide).raster
    }

    /// Decodes the file at `path`; see ``decode(_:atLeast:)``.
    public static func decode(contentsOf path: String, atLeast longSide: Int? = nil) throws(ImagingError) -> Raster {
        try decode(PictureFile.bytes(at: path), atLeast: longSide)
    }
}

/// One call of a codec, and what it remarked.
private struct Decoding {
    typealias Codec = (
        UnsafePointer<UInt8>?, Int, UnsafePointer<CodecOrder>?, UnsafeMutablePointer<UInt8>?,
        UnsafeMutablePointer<CChar>?
    ) -> CodecResult

    var order: CodecOrder
    let format: PictureFormat
    private(set) var warnings: [PictureWarning] = []

    init(order: CodecOrder, format: PictureFormat) {
        self.order = order
        self.format = format
    }

    /// The picture's `count` samples.
    mutating func pixels(_ bytes: [UInt8], count: Int) throws(ImagingError) -> [UInt8] {
        var profile: [UInt8] = []
        switch try SourceColour.read(bytes, format) {
        case .sRGB: break
        case .profile(let whole): profile = whole
        case .gamma(let power): order.gamma = power
        case .broken(let detail): warnings.append(.profileIgnored(detail: detail))
        }
        switch format {
        case .jpeg:
            return try pixels(codec_jpeg_decode, bytes[...], profile, count)
        case .png:
            if PNGChunks(bytes).prefix(while: { $0.type != "IDAT" }).contains(where: { $0.type == "acTL" }) {
                warnings.append(.firstFrameOnly)
            }
            return try pixels(codec_png_decode, bytes[...], profile, count)
        case .webp:
            let container = try WebPContainer(bytes)
            order.frame_x = UInt32(container.frame.x)
            order.frame_y = UInt32(container.frame.y)
            order.frame_width = UInt32(container.frame.width)
            order.frame_height = UInt32(container.frame.height)
            if container.isAnimated { warnings.append(.firstFrameOnly) }
            return try pixels(codec_webp_decode, container.coded, profile, count)
        case .heic:
            throw HEICPicture.headerError
        }
    }

    private mutating func pixels(
        _ codec: Codec, _ coded: ArraySlice<UInt8>, _ profile: [UInt8], _ count: Int
    ) throws(ImagingError) -> [UInt8] {
        var order = order
        var message = CodecMessage()
        var result = CodecResult.done
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            profile.withUnsafeBufferPointer { profile in
                order.profile = profile.baseAddress
                order.profile_count = profile.count
                result = coded.withUnsafeBufferPointer {
                    codec($0.baseAddress, $0.count, &order, buffer.baseAddress, &message.characters)
                }
            }
            filled = result == .done ? count : 0
        }
        try message.check(result, format)
        if !message.text.isEmpty { warnings.append(.profileIgnored(detail: message.text)) }
        return pixels
    }
}

extension PictureHeader {
    /// The largest of 8, 4, 2, 1 that leaves the longer side at least `longSide` pixels.
    fileprivate func divisor(atLeast longSide: Int?) -> Int {
        guard format == .jpeg, let longSide else { return 1 }
        let longest = max(width, height)
        return [8, 4, 2].first { (longest + $0 - 1) / $0 >= longSide } ?? 1
    }
}
