// From pixels to bytes. Only pixels and the texts given here are written: nothing of an input file can leak.

internal import CCodecs

/// One remark embedded in a picture, as in `("Software", "Limner")`.
public struct PictureText: Sendable, Equatable {
    /// 1 to 79 printable ASCII characters without leading, trailing or double spaces (PNG 3rd edition, 11.3.3.1).
    public var key: String
    public var value: String

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension Raster {
    /// JPEG quality used when none is asked for.
    public static let defaultQuality = 92

    /// The picture as a file's bytes: 8-bit, grey when every pixel is, else RGB.
    ///
    /// - Parameters:
    ///   - quality: 1 to 100, for JPEG; others are brought into that range. From 90 on colour is not subsampled.
    ///   - texts: embedded in a PNG as tEXt (printable ASCII) or iTXt (UTF-8), in a JPEG as comments "key: value".
    /// - Throws: ``ImagingError/unwritable(_:detail:)`` for a bad text or a side too long for the format.
    public func encoded(
        as format: PictureFormat, quality: Int = Raster.defaultQuality, texts: [PictureText] = []
    ) throws(ImagingError) -> [UInt8] {
        precondition(pixels.count == 3 * width * height, "three bytes a pixel")
        let isGray = isGray
        let samples = isGray ? firstSamples : pixels
        let records = try PictureRecords.bytes(texts, format)
        var buffer = CodecBuffer()
        var message = CodecMessage()
        defer { codec_buffer_free(&buffer) }
        let width = UInt32(width)
        let height = UInt32(height)
        let channels: UInt32 = isGray ? 1 : 3
        let result =
            switch format {
            case .png:
                codec_png_encode(
                    samples, width, height, channels, records, records.count, &buffer, &message.characters)
            case .jpeg:
                codec_jpeg_encode(
                    samples, width, height, channels, UInt32(min(max(quality, 1), 100)), records, records.count,
                    &buffer, &message.characters)
            case .webp, .heic: throw .unwritable(format, detail: "only PNG and JPEG are written")
            }
        do { try message.check(result, format) } catch {
            guard case .damaged(_, let detail) = error else { throw error }
            throw .unwritable(format, detail: detail)
        }
        return Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
    }

    /// The red samples: all there is to a grey picture.
    private var firstSamples: [UInt8] {
        let count = width * height
        return pixels.withUnsafeBufferPointer { pixels in
            [UInt8](unsafeUninitializedCapacity: count) { samples, filled in
                for index in 0..<count { samples[index] = pixels[3 * index] }
                filled = count
            }
        }
    }
}

/// Texts in the shape the encoders take: tag, big-endian length, payload.
private enum PictureRecords {
    static func bytes(_ texts: [PictureText], _ format: PictureFormat) throws(ImagingError) -> [UInt8] {
        var records: [UInt8] = []
        for text in texts {
            let record = try record(text, format)
            let length = record.payload.count
            records += Array(record.tag.utf8)
            records += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
            records += record.payload
            guard records.count <= Limits.maximumTextBytes else {
                throw .unwritable(format, detail: "the texts are longer than \(Limits.maximumTextBytes) bytes")
            }
        }
        return records
    }

    private static func record(_ text: PictureText, _ format: PictureFormat) throws(ImagingError)
        -> (tag: String, payload: [UInt8])
    {
        let key = Array(text.key.utf8)
        guard (1...79).contains(key.count), key.allSatisfy({ (0x20...0x7E).contains($0) }), key.first != 0x20,
            key.last != 0x20, !text.key.contains("  ")
        else { throw .unwritable(format, detail: "\"\(text.key)\" cannot be the key of a text") }
        guard !text.value.utf8.contains(0) else {
            throw .unwritable(format, detail: "the text \"\(text.key)\" contains a zero byte")
        }
        switch format {
        case .jpeg: return ("COM ", key + Array(": ".utf8) + Array(text.value.utf8))
        case .png where text.value.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A }):
            return ("tEXt", key + [0] + Array(text.value.utf8))
        // Not compressed, no language, no translated key.
        case .png: return ("iTXt", key + [0, 0, 0, 0, 0] + Array(text.value.utf8))
        case .webp, .heic: throw .unwritable(format, detail: "only PNG and JPEG are written")
        }
    }
}
