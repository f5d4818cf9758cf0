// From bytes to pixels: header, limits, codec, orientation.
//
// Embedded ICC profiles and PNG gamma are ignored for now: samples are taken as sRGB, as most are. A picture
// in a wide-gamut space keeps its numbers and so comes out a little pale; converting through its profile is
// a matter for a colour library.

internal import CCodecs

extension Raster {
    /// Decodes a JPEG or PNG, told by content, and turns it upright as its EXIF orientation says.
    ///
    /// Grey, palette, 16-bit, CMYK and YCCK pictures become 8-bit RGB; transparency is laid over white.
    ///
    /// - Parameters:
    ///   - bytes: the whole file. What follows the end of the picture is ignored.
    ///   - longSide: when given, a JPEG may come at 1/2, 1/4 or 1/8 of its size, its longer side still at least
    ///     this many pixels. It saves time and memory before a reduction; ask for twice the final side
    ///     to keep the reduction's quality.
    /// - Throws: ``ImagingError``. A truncated or damaged picture is an error, never a partly grey picture.
    public static func decode(_ bytes: [UInt8], atLeast longSide: Int? = nil) throws(ImagingError) -> Raster {
        let header = try PictureHeader.read(bytes)
        let divisor = header.divisor(atLeast: longSide)
        let width = (header.storedWidth + divisor - 1) / divisor
        let height = (header.storedHeight + divisor - 1) / divisor
        let order = CodecOrder(
            width: UInt32(header.storedWidth), height: UInt32(header.storedHeight),
            scale_denominator: UInt32(divisor), maximum_scans: UInt32(Limits.maximumScans),
            maximum_memory: header.format == .jpeg ? Limits.codecBytes : Limits.chunkBytes)
        let pixels = try pixels(bytes, header.format, order, count: 3 * width * height)
        return Raster(width: width, height: height, pixels: pixels).turnedUpright(from: header.orientation)
    }

    /// Decodes the file at `path`; see ``decode(_:atLeast:)``.
    public static func decode(contentsOf path: String, atLeast longSide: Int? = nil) throws(ImagingError) -> Raster {
        try decode(PictureFile.bytes(at: path), atLeast: longSide)
    }

    private static func pixels(_ bytes: [UInt8], _ format: PictureFormat, _ order: CodecOrder, count: Int)
        throws(ImagingError) -> [UInt8]
    {
        let codec = format == .jpeg ? codec_jpeg_decode : codec_png_decode
        var message = CodecMessage()
        var result = CodecResult.done
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            withUnsafePointer(to: order) { order in
                result = codec(bytes, bytes.count, order, buffer.baseAddress, &message.characters)
            }
            filled = result == .done ? count : 0
        }
        try message.check(result, format)
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
