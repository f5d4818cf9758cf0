import COpenSSL
import LimnerProtocol

/// The digest of bytes, straight from OpenSSL.
enum SHA256 {
    static func base64(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        let isMade = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1
        precondition(isMade && count == 32, "libcrypto offers no SHA-256")
        return Base64.text(digest)
    }
}
