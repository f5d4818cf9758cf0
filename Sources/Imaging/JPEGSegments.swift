// The marker segments of a JPEG (ITU-T T.81, B.1). Ends quietly at the end of the image, or where the bytes do.

/// A JPEG's segments in order, ``Limits/partsWalked`` at most, the entropy-coded data between them skipped.
package struct JPEGSegments: Sequence, IteratorProtocol {
    package struct Segment {
        /// The marker's second byte, as 0xE1 for APP1.
        package let marker: UInt8
        package let payload: ArraySlice<UInt8>
    }

    package static let startOfScan: UInt8 = 0xDA
    private static let endOfImage: UInt8 = 0xD9

    private var rest: ArraySlice<UInt8>
    private var left = Limits.partsWalked

    package init(_ bytes: [UInt8]) {
        rest = bytes.dropFirst(2)
    }

    /// The segments before the first scan, where all that describes the picture stands.
    package var beforeScans: [Segment] {
        prefix { $0.marker != JPEGSegments.startOfScan }
    }

    package mutating func next() -> Segment? {
        while left > 0, let marker = nextMarker() {
            if marker == JPEGSegments.endOfImage { break }
            if JPEGSegments.standsAlone(marker) { continue }
            guard let length = ByteView(rest).number(at: 0, width: 2), length >= 2, length <= rest.count else {
                break
            }
            left -= 1
            let payload = rest.dropFirst(2).prefix(length - 2)
            rest = rest.dropFirst(length)
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

    /// RST0–7, SOI and TEM carry no length.
    private static func standsAlone(_ marker: UInt8) -> Bool {
        (0xD0...0xD8).contains(marker) || marker == 0x01
    }
}
