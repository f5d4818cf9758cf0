// The marker segments of a JPEG up to its first scan (ITU-T T.81, B.1). Ends quietly where the bytes do.

/// A JPEG's segments before the first scan, in order; the start-of-scan segment is the last one given.
package struct JPEGSegments: Sequence, IteratorProtocol {
    package struct Segment {
        /// The marker's second byte, as 0xE1 for APP1.
        package let marker: UInt8
        package let payload: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) {
        rest = bytes.dropFirst(2)
    }

    package mutating func next() -> Segment? {
        while let marker = nextMarker() {
            if JPEGSegments.standsAlone(marker) { continue }
            guard let length = ByteView(rest).number(at: 0, width: 2), length >= 2, length <= rest.count else {
                break
            }
            let payload = rest.dropFirst(2).prefix(length - 2)
            rest = marker == 0xDA ? [] : rest.dropFirst(length)
            return Segment(marker: marker, payload: payload)
        }
        rest = []
        return nil
    }

    /// Skips what lies before the next marker, as libjpeg does, and takes the marker.
    private mutating func nextMarker() -> UInt8? {
        while let start = rest.firstIndex(of: 0xFF) {
            rest = rest[start...].drop { $0 == 0xFF }
            guard let marker = rest.popFirst() else { return nil }
            if marker != 0 { return marker }
        }
        return nil
    }

    /// RST0–7, SOI, EOI and TEM carry no length.
    private static func standsAlone(_ marker: UInt8) -> Bool {
        (0xD0...0xD9).contains(marker) || marker == 0x01
    }
}
