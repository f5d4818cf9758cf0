// Every limit of the protocol module, in one place. Each has the default the service runs with and can be
// lowered in a test or by an operator; what happens at a limit is said in `ParseFault`, beside the status.

/// How much of a request the HTTP parser accepts. All lengths are bytes.
public struct Limits: Sendable, Equatable {
    /// Longest method token; a longer one is answered 501 (RFC 9112 §3).
    public var method = 32
    /// Longest request target; RFC 9112 §3 asks for at least 8000.
    public var target = 8192
    /// Empty lines skipped before a request line (RFC 9112 §2.2).
    public var leadingEmptyLines = 2
    /// Longest field line, without its CRLF.
    public var fieldLine = 16 * 1024
    /// Sum of all field lines with their CRLFs.
    public var fieldBlock = 32 * 1024
    /// Most field lines in a head, and most in a trailer section.
    public var fieldCount = 100
    /// Longest body, declared or decoded from chunks.
    public var body = 64 * 1024 * 1024
    /// Longest body that is read and thrown away to keep a connection; beyond it the connection closes.
    public var discardedBody = 64 * 1024
    /// Extensions of one chunk.
    public var chunkExtension = 1024
    /// Extensions of all chunks of a request.
    public var chunkExtensions = 16 * 1024
    /// Most digits in a chunk size: 16 fill 64 bits.
    public var chunkSizeDigits = 16
    /// Sum of all trailer lines with their CRLFs.
    public var trailerBlock = 8 * 1024
    /// Chunks are gathered into body events of about this size, so that 10⁶ one-byte chunks do not make 10⁶ events.
    public var bodyEvent = 64 * 1024

    public init() {}
}

/// How much of a multipart body is accepted. All lengths are bytes.
public struct MultipartLimits: Sendable, Equatable {
    /// Most parts in a body.
    public var parts = 32
    /// Longest line in a part's header block, without its CRLF.
    public var fieldLine = 4 * 1024
    /// Sum of a part's header lines with their CRLFs.
    public var fieldBlock = 8 * 1024
    /// Most header lines in a part.
    public var fieldCount = 16
    /// Bytes ignored before the first boundary.
    public var preamble = 1024
    /// Bytes ignored after the last boundary.
    public var epilogue = 1024
    /// White space after a boundary, before its CRLF (RFC 2046 §5.1.1, transport padding).
    public var padding = 64
    /// Longest content of a part, unless the reader sets another for the part at hand.
    public var part = 32 * 1024 * 1024
    /// Longest boundary (RFC 2046 §5.1.1).
    public static let boundary = 70

    public init() {}
}

/// The ranges of the options of the API.
public enum OptionLimits {
    /// Denoising steps of a sketch.
    public static let sketchSteps = 1...200
    /// Gradient steps of a tuning.
    public static let tuneSteps = 1...20_000
    /// Weight of the instruction, as in InstructPix2Pix.
    public static let textGuidance = 0.0...30.0
    /// Weight of the photo, as in InstructPix2Pix.
    public static let imageGuidance = 0.0...30.0
    /// Seeds stop at 2⁵³−1 so that a browser's JSON number holds every one of them exactly.
    public static let seed: ClosedRange<UInt64> = 0...9_007_199_254_740_991
    /// Long side of a sketch in pixels.
    public static let size = 64...2048
    /// Sketches of one photo in one style, each with a seed of its own.
    public static let count = 1...8
    /// Photos in one request.
    public static let photos = 16
    /// Styles in one request, each for a sketch of its own.
    public static let styles = 8
    /// Styles mixed for one sketch.
    public static let mixedStyles = 4
    /// Longest instruction, in bytes of UTF-8.
    public static let text = 2000
    /// Longest description of a style, in bytes of UTF-8.
    public static let description = 500
    /// Longest style name (`[a-z0-9][a-z0-9._-]*`).
    public static let name = 64
    /// Longest idempotency key, in characters.
    public static let key = 128
    /// Longest `Prefer: wait`, in seconds; a longer wish is granted this much.
    public static let wait = 60
}
