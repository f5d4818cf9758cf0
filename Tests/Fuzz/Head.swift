// Request heads, and whatever follows them on the connection.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let pieces = Pieces(start, count)
    for case .head(let head) in Requests.check(pieces, pieces.input).events {
        let lengths = head.fields.values("Content-Length").count
        let codings = head.fields.values("Transfer-Encoding").count
        precondition(lengths + codings <= 1, "an accepted head has one framing at most")
        require(reread(head), is: .head(head), "a head that is written and read again is another")
    }
    return 0
}

/// The head written plainly and parsed again.
private func reread(_ head: RequestHead) -> RequestParser.Event {
    let version = head.version == .http11 ? "HTTP/1.1" : "HTTP/1.0"
    var bytes = Array("\(head.method.rawValue) \(head.target.raw) \(version)\r\n".utf8)
    for field in head.fields { bytes += Array("\(field.name): ".utf8) + field.value + Array("\r\n".utf8) }
    bytes += Array("\r\n".utf8)
    var limits = Limits()
    // One space more per field than the client may have sent.
    limits.fieldLine += 1
    limits.fieldBlock += limits.fieldCount
    var parser = RequestParser(limits: limits)
    parser.feed(bytes)
    return parser.next()
}
