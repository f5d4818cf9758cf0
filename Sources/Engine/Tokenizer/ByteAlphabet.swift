// The 256 bytes as printable characters, the alphabet of byte-level BPE vocabularies (GPT-2's `bytes_to_unicode`).
//
// Printable Latin-1 bytes stand for themselves; the others take the characters from U+0100 on, in order.

enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            if isPrintable(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            guard let scalar = Unicode.Scalar(next) else { preconditionFailure("U+0100 to U+0143 are scalars") }
            return scalar
        }
    }()

    private static func isPrintable(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
    }

    /// The UTF-8 bytes of `scalars`, each as its character.
    static func characters(_ scalars: some Sequence<Unicode.Scalar>) -> [String] {
        scalars.flatMap { UTF8.encode($0).map(Array.init) ?? [] }.map { String(self.scalars[Int($0)]) }
    }
}
