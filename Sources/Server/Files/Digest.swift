internal import COpenSSL
internal import LimnerProtocol

/// SHA-256, fed in pieces.
///
/// Wraps OpenSSL's EVP digest; the context is freed with the value that owns it.
struct Digest: ~Copyable {
    private let context: OpaquePointer

    init() {
        guard let made = EVP_MD_CTX_new(), EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
            preconditionFailure("libcrypto offers no SHA-256")
        }
        context = made
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        EVP_DigestUpdate(context, start, bytes.count)
    }

    /// - Returns: the digest as 64 lower-case hexadecimal digits.
    consuming func finish() -> String { Digest.hexadecimal(bytes()) }

    /// - Returns: the digest's 32 bytes.
    private consuming func bytes() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &digest, &count)
        return Array(digest.prefix(Int(count)))
    }

    /// - Returns: the digest of one text, as content security policies name it.
    static func base64(of text: String) -> String {
        let digest = Digest()
        var text = text
        text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
        return Base64.text(digest.bytes())
    }

    /// - Returns: the digest of texts in their order; where one ends and the next begins counts.
    static func of(_ texts: [String]) -> String {
        let digest = Digest()
        for text in texts {
            var text = "\(text.utf8.count):\(text)"
            text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
        }
        return digest.finish()
    }

    /// - Returns: the bytes as lower-case hexadecimal digits.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
