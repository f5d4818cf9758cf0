// What the header block of a form part says (RFC 7578 §4). Content-Transfer-Encoding is ignored, as §4.7
// deprecates it; `filename*` is ignored, as §4.2 forbids it; the media type is what the client claims, and
// whoever stores the part looks at its bytes instead.

public struct PartHeaders: Sendable, Equatable {
    /// Name of the form field, never empty.
    public let name: String
    /// The client's name for the file, its last path component: for people to read, never a path.
    public let filename: String?
    /// What the client says the content is.
    public let contentType: MediaType?

    init(_ fields: HeaderFields) throws(ParseFault) {
        let dispositions = fields.values("Content-Disposition")
        guard dispositions.count == 1, let (name, filename) = ContentDisposition.formData(dispositions[0][...]),
            let text = name[...].text, !text.isEmpty
        else { throw .partHeaders }
        let types = fields.values("Content-Type")
        guard types.count < 2 else { throw .partHeaders }
        if let type = types.first {
            guard let parsed = MediaType(type) else { throw .partHeaders }
            guard parsed.type != "multipart" else { throw .partNested }
            contentType = parsed
        } else {
            contentType = nil
        }
        self.name = text
        self.filename = try filename.map { bytes throws(ParseFault) in
            let last = bytes.split(omittingEmptySubsequences: false) {
                $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
            }
            guard let text = (last.last ?? [])[...].text else { throw .partHeaders }
            return text
        }
    }
}
