// The chunks of a WebP (RFC 9649): where its first frame lies, its profile, and how it was held.
//
// The frame's own header is libwebp's to read. Chunks are walked here, because only the first frame of an animation is
// wanted and the rest may be any number.

internal import CCodecs

/// What stands around the pixels of a WebP.
struct WebPContainer {
    /// The canvas: a still picture's size.
    let width: Int, height: Int
    /// Where the first frame lies on it.
    let frame: PictureFrame
    /// What libwebp decodes: the whole file, or the chunks of an animation's first frame.
    let coded: ArraySlice<UInt8>
    let isAnimated: Bool
    private let bytes: [UInt8]

    /// A TIFF header and what follows; some writers put JPEG's "Exif\0\0" before it.
    var exif: ArraySlice<UInt8>? {
        let mark = Array("Exif\0\0".utf8)
        return RIFFChunks(bytes).first { $0.type == "EXIF" }.map {
            $0.payload.starts(with: mark) ? $0.payload.dropFirst(mark.count) : $0.payload
        }
    }

    var profile: ArraySlice<UInt8>? { RIFFChunks(bytes).first { $0.type == "ICCP" }?.payload }

    /// - Throws: ``ImagingError/truncated(_:)``, ``ImagingError/damaged(_:detail:)``.
    init(_ bytes: [UInt8]) throws(ImagingError) {
        guard let length = ByteView(bytes[...], order: .littleEndian).number(at: 4, width: 4), length <= bytes.count - 8
        else { throw .truncated(.webp) }
        self.bytes = bytes
        guard let canvas = try WebPContainer.animationCanvas(bytes) else {
            (isAnimated, coded) = (false, bytes[...])
            (width, height) = try WebPContainer.size(of: coded)
            frame = PictureFrame(x: 0, y: 0, width: width, height: height)
            return
        }
        guard let first = RIFFChunks(bytes).first(where: { $0.type == "ANMF" })?.payload else {
            throw .damaged(.webp, detail: "it is an animation without a frame")
        }
        let view = ByteView(first, order: .littleEndian)
        guard let x = view.number(at: 0, width: 3), let y = view.number(at: 3, width: 3), first.count > 16 else {
            throw .damaged(.webp, detail: "its first frame is short")
        }
        (isAnimated, coded) = (true, first.dropFirst(16))
        let size = try WebPContainer.size(of: coded)
        (width, height) = canvas
        frame = PictureFrame(x: 2 * x, y: 2 * y, width: size.width, height: size.height)
        guard frame.x + frame.width <= width, frame.y + frame.height <= height else {
            throw .damaged(.webp, detail: "its first frame lies outside it")
        }
    }

    /// The canvas that VP8X gives when its animation flag is set; nil for a still picture.
    private static func animationCanvas(_ bytes: [UInt8]) throws(ImagingError) -> (width: Int, height: Int)? {
        var chunks = RIFFChunks(bytes)
        guard let first = chunks.next(), first.type == "VP8X" else { return nil }
        let view = ByteView(first.payload, order: .littleEndian)
        guard let flags = view.number(at: 0, width: 1), let width = view.number(at: 4, width: 3),
            let height = view.number(at: 7, width: 3)
        else { throw .damaged(.webp, detail: "its header is short") }
        let animation = 0x02
        return flags & animation == 0 ? nil : (width + 1, height + 1)
    }

    private static func size(of coded: ArraySlice<UInt8>) throws(ImagingError) -> (width: Int, height: Int) {
        var message = CodecMessage()
        var width: UInt32 = 0
        var height: UInt32 = 0
        let result = coded.withUnsafeBufferPointer {
            codec_webp_size($0.baseAddress, $0.count, &width, &height, &message.characters)
        }
        try message.check(result, .webp)
        return (Int(width), Int(height))
    }
}

/// A rectangle of the stored picture, in pixels.
struct PictureFrame {
    let x: Int, y: Int, width: Int, height: Int
}

/// The chunks of a RIFF file, in order, ``Limits/partsWalked`` at most. Ends quietly where the bytes do.
struct RIFFChunks: Sequence, IteratorProtocol {
    struct Chunk {
        let type: String
        let payload: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>
    private var left = Limits.partsWalked

    init(_ bytes: [UInt8]) {
        rest = bytes.dropFirst(12)
    }

    mutating func next() -> Chunk? {
        let overhead = 8
        guard left > 0, let length = ByteView(rest, order: .littleEndian).number(at: 4, width: 4),
            length <= rest.count - overhead
        else { return nil }
        left -= 1
        let type = String(decoding: rest.prefix(4), as: UTF8.self)
        let payload = rest.dropFirst(overhead).prefix(length)
        // a chunk of odd length is followed by a byte of padding
        rest = rest.dropFirst(overhead + length + length % 2)
        return Chunk(type: type, payload: payload)
    }
}
