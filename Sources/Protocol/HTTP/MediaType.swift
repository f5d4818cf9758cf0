// `type/subtype` with parameters (RFC 9110 §8.3.1), and the boundary of a multipart body (RFC 2046 §5.1.1).

public struct MediaType: Sendable, Equatable {
    /// Lower case.
    public let type: String
    /// Lower case.
    public let subtype: String
    let parameters: [Parameter]

    /// `type/subtype`, lower case, without parameters.
    public var essence: String { "\(type)/\(subtype)" }

    /// Parses a Content-Type value; nil when it is malformed or names a parameter twice.
    public init?(_ bytes: [UInt8]) {
        guard let pieces = bytes[...].elements(separatedBy: UInt8(ascii: ";")), let essence = pieces.first,
            let slash = essence.firstIndex(of: UInt8(ascii: "/")),
            essence[..<slash].isToken, essence[(slash + 1)...].isToken,
            let type = essence[..<slash].lowercasedText, let subtype = essence[(slash + 1)...].lowercasedText
        else { return nil }
        var parameters: [Parameter] = []
        for piece in pieces.dropFirst() where !piece.isEmpty {
            guard let parameter = Parameter(piece), !parameters.contains(where: { $0.name == parameter.name }) else {
                return nil
            }
            parameters.append(parameter)
        }
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// The value of a parameter; the name in lower case.
    public func parameter(_ name: String) -> [UInt8]? { parameters.first { $0.name == name }?.value }

    /// The boundary of a multipart type: 1 to 70 of `bchars`, not ending in a space.
    public func boundary() throws(ParseFault) -> [UInt8] {
        guard let boundary = parameter("boundary"), (1...MultipartLimits.boundary).contains(boundary.count),
            boundary.last != .space, boundary.allSatisfy(\.isBoundaryCharacter)
        else { throw .boundary }
        return boundary
    }
}

extension RequestHead {
    /// The media type of the body: nil when none is given, a fault when it is malformed.
    public func contentType() throws(ParseFault) -> MediaType? {
        guard let value = fields.first("Content-Type") else { return nil }
        guard let type = MediaType(value) else { throw .mediaType }
        return type
    }
}

extension UInt8 {
    /// bchars (RFC 2046 §5.1.1).
    fileprivate var isBoundaryCharacter: Bool {
        isAlpha || isDigit || "'()+_,-./:=? ".utf8.contains(self)
    }
}
