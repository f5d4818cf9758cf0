// Multipart bodies with the boundary "b".

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let pieces = Pieces(start, count)
    var limits = MultipartLimits()
    if pieces.hash & 1 == 1 {
        (limits.parts, limits.fieldLine, limits.fieldBlock, limits.fieldCount) = (3, 64, 96, 3)
        (limits.preamble, limits.epilogue, limits.padding, limits.part) = (16, 16, 4, 32)
    }
    let whole = parts([pieces.input[...]], limits)
    for cut in pieces.cuts(of: pieces.input) { require(parts(cut, limits), is: whole, "a cut changed the parts") }
    return 0
}

/// The events until the last one, with content joined.
private func parts(_ pieces: [ArraySlice<UInt8>], _ limits: MultipartLimits) -> [MultipartParser.Event] {
    var parser = MultipartParser(boundary: [UInt8(ascii: "b")], limits: limits)
    var events: [MultipartParser.Event] = []
    for piece in pieces {
        parser.feed(piece)
        take(from: &parser, to: &events)
    }
    parser.finishInput()
    take(from: &parser, to: &events)
    switch events.last {
    case .finished: return events
    case .failure:
        // Content before a failure may or may not have been given out: nobody keeps it.
        if events.count > 1, case .data = events[events.count - 2] { events.remove(at: events.count - 2) }
        return events
    default: fatalError("the end of the input must end the parts")
    }
}

private func take(from parser: inout MultipartParser, to events: inout [MultipartParser.Event]) {
    while true {
        let event = parser.next()
        switch event {
        case .needsMore: return
        case .failure, .finished:
            if events.last != event { events.append(event) }
            return
        case .data(let more):
            precondition(!more.isEmpty, "content is never empty")
            if case .data(let earlier) = events.last {
                events[events.count - 1] = .data(earlier + more)
            } else {
                events.append(event)
            }
        case .part, .partEnd: events.append(event)
        }
    }
}
