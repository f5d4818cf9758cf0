internal import LimnerProtocol

/// A key as it is kept: everything but the key.
public struct AccessKey: Sendable, Equatable, Codable {
    public var name: String
    /// SHA-256 of the key, lower-case hexadecimal. A key is 256 random bits and cannot be guessed, however fast the
    /// hash: a salted or slow one, as passwords need, would only make each request slower.
    public var hash: String
    public var scopes: [Scope]
    /// When it was added, seconds since 1970.
    public var created: Double
    /// Requests a minute; nil means any number.
    public var requestsPerMinute: Int?
    /// Jobs queued or running at once; nil means as many as the service takes.
    public var openJobs: Int?

    private enum CodingKeys: String, CodingKey {
        case name, hash, scopes, created
        case requestsPerMinute = "requests_per_minute"
        case openJobs = "open_jobs"
    }

    static let nameRule = "Use 1 to 64 letters, digits, '.', '_' or '-'."

    static func isValid(name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(\.isIdentifierCharacter)
    }

    /// - Returns: a key nobody has had before: `limner_` and 256 random bits in hexadecimal.
    static func makeSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return "limner_" + Digest.hexadecimal((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// What is kept of a key.
    static func hash(of secret: some Sequence<UInt8>) -> String {
        let digest = Digest()
        Array(secret).withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}

extension UInt8 {
    /// `[A-Za-z0-9._-]`: harmless in logs, headers and files.
    var isIdentifierCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
