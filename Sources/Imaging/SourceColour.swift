// What a picture's numbers mean: the profile it carries, or a PNG's gamma. Nothing here is judged but size and
// completeness; whether a profile can be used is for the colour library.

internal import CCodecs

/// The colours a picture is stored in.
enum SourceColour: Equatable {
    /// Nothing is said, or sRGB is.
    case sRGB
    /// An ICC profile, whole and within ``Limits/profileBytes``.
    case profile([UInt8])
    /// sRGB's primaries under a power law: linear light is the sample to this power.
    case gamma(Double)
    /// A profile that cannot be put together; why.
    case broken(String)

    /// Reads what `bytes`, a picture of `format`, say.
    static func read(_ bytes: [UInt8], _ format: PictureFormat) throws(ImagingError) -> SourceColour {
        switch format {
        case .jpeg: jpeg(bytes)
        case .png: png(bytes)
        case .webp: try WebPContainer(bytes).profile.map { whole([$0]) } ?? .sRGB
        case .heic: .sRGB
        }
    }

    private static func whole(_ parts: [ArraySlice<UInt8>]) -> SourceColour {
        parts.map(\.count).reduce(0, +) <= Limits.profileBytes
            ? .profile(Array(parts.joined())) : .broken("it is longer than \(Limits.profileBytes >> 20) MiB")
    }

    /// APP2 segments (ICC.1, B.4), each with its place, from 1, and the number of all.
    private static func jpeg(_ bytes: [UInt8]) -> SourceColour {
        let mark = Array("ICC_PROFILE\0".utf8)
        var parts: [Int: ArraySlice<UInt8>] = [:]
        var count: Int?
        for segment in JPEGSegments(bytes).beforeScans
        where segment.marker == 0xE2 && segment.payload.starts(with: mark) {
            let view = ByteView(segment.payload.dropFirst(mark.count))
            guard let place = view.number(at: 0, width: 1), let all = view.number(at: 1, width: 1),
                (1...max(all, 1)).contains(place), count == nil || count == all, parts[place] == nil
            else { return .broken("its parts contradict one another") }
            count = all
            parts[place] = segment.payload.dropFirst(mark.count + 2)
        }
        guard let count else { return .sRGB }
        guard parts.count == count else { return .broken("\(parts.count) of its \(count) parts are there") }
        return whole((1...count).compactMap { parts[$0] })
    }

    /// iCCP before sRGB before gAMA (PNG 3rd edition, 4.3); the first of each counts.
    private static func png(_ bytes: [UInt8]) -> SourceColour {
        var gamma: SourceColour?
        var saysSRGB = false
        for chunk in PNGChunks(bytes).prefix(while: { $0.type != "IDAT" }) {
            switch chunk.type {
            case "iCCP": return compressed(chunk.payload)
            case "sRGB": saysSRGB = true
            case "gAMA": gamma = gamma ?? power(chunk.payload)
            default: break
            }
        }
        return saysSRGB ? .sRGB : gamma ?? .sRGB
    }

    /// A name ended by zero, the method, and a zlib stream (11.3.2.3).
    private static func compressed(_ payload: ArraySlice<UInt8>) -> SourceColour {
        guard let end = payload.prefix(80).firstIndex(of: 0), end + 2 <= payload.endIndex, payload[end + 1] == 0 else {
            return .broken("its head is damaged")
        }
        let stream = payload[(end + 2)...]
        // no stream inflates more than this many times, so a short one needs no large buffer
        let capacity = min(Limits.profileBytes, stream.count * Limits.largestInflation)
        var message = CodecMessage()
        var result = CodecResult.done
        let profile = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
            result = stream.withUnsafeBufferPointer {
                codec_inflate($0.baseAddress, $0.count, buffer.baseAddress, capacity, &filled, &message.characters)
            }
        }
        return result == .done ? .profile(profile) : .broken(message.text)
    }

    /// gAMA holds 100,000 / power. What is near 2.2 is how sRGB is written by those who have no better word for it, and
    /// what no screen ever had is a mistake.
    private static func power(_ payload: ArraySlice<UInt8>) -> SourceColour {
        guard let number = ByteView(payload).number(at: 0, width: 4), number > 0 else { return .sRGB }
        let power = 100_000 / Double(number)
        let isPlain = (2.1...2.3).contains(power) || !(0.2...5).contains(power)
        return isPlain ? .sRGB : .gamma(power)
    }
}
