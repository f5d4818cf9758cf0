// How a camera was held: tag 0x0112 of the first directory of an EXIF block (CIPA DC-008, 4.6.4).
//
// The value says where the stored picture's first row and first column lie in the upright one. Anything
// odd in the block (wrong order mark, directory out of bounds, wrong type, value outside 1...8) means upright:
// EXIF is a remark beside the picture, and a damaged remark is no reason to refuse the picture.

/// The eight ways a stored picture may lie.
package enum Orientation: Int, Sendable, CaseIterable {
    case upright = 1, mirrored, upsideDown, flipped, transposed, turnedLeft, transversed, turnedRight

    /// Whether the upright picture's width is the stored one's height.
    package var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

    /// Reads an EXIF block that starts with its TIFF header ("II" or "MM").
    package init(exif: ArraySlice<UInt8>) {
        self = Orientation.value(in: exif).flatMap(Orientation.init(rawValue:)) ?? .upright
    }

    private static func value(in exif: ArraySlice<UInt8>) -> Int? {
        let order: ByteView.Order
        switch Array(exif.prefix(2)) {
        case Array("II".utf8): order = .littleEndian
        case Array("MM".utf8): order = .bigEndian
        default: return nil
        }
        let view = ByteView(exif, order: order)
        guard view.number(at: 2, width: 2) == 42, let directory = view.number(at: 4, width: 4),
            let entries = view.number(at: directory, width: 2), entries <= Limits.exifEntries
        else { return nil }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard view.number(at: start, width: 2) == 0x0112 else { continue }
            guard view.number(at: start + 4, width: 4) == 1 else { return nil }
            switch view.number(at: start + 2, width: 2) {
            case 3: return view.number(at: start + 8, width: 2)
            case 4: return view.number(at: start + 8, width: 4)
            default: return nil
            }
        }
        return nil
    }
}
