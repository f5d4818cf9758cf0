// Chunked bodies: the input is what follows a fixed head.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let pieces = Pieces(start, count)
    let head = Array("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let events = Requests.check(pieces, head + pieces.input).events
    guard events.count > 2, case .body(let body) = events[1], events[2] == .end else { return 0 }
    // What was decoded, encoded again in chunks of another size, must decode to the same.
    let half = body.count / 2
    let encoded =
        ChunkedEncoder.chunk(body[..<half]) + ChunkedEncoder.chunk(body[half...]) + ChunkedEncoder.last
    let again = Requests([(head + encoded)[...]], limits: Limits(), discards: false)
    require(again.events, is: [events[0], .body(body), .end, .finished], "a body that is encoded again is another")
    return 0
}
