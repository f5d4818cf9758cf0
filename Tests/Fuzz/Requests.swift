// Bytes through a request parser, as the list of what came out of it. Body events are joined, because how a body is
// grouped is all that a cut may change.

struct Requests: Equatable {
    var events: [RequestParser.Event] = []
    var isIdle = false
    var isFinished = false

    /// Small ones bring every limit within the reach of a short input.
    static var smallLimits: Limits {
        var limits = Limits()
        (limits.target, limits.fieldLine, limits.fieldBlock, limits.fieldCount) = (48, 64, 128, 6)
        (limits.body, limits.discardedBody, limits.bodyEvent) = (64, 24, 16)
        (limits.chunkExtension, limits.chunkExtensions, limits.trailerBlock) = (16, 40, 48)
        return limits
    }

    /// - Parameter discards: whether every body is refused that may be; one that waits for `100 Continue` is not,
    ///   because there the time of its arrival is what counts.
    init(_ pieces: [ArraySlice<UInt8>], limits: Limits, discards: Bool) {
        var parser = RequestParser(limits: limits)
        for piece in pieces {
            parser.feed(piece)
            take(from: &parser, discards)
        }
        (isIdle, isFinished) = (parser.isIdle, parser.isFinished)
        parser.finishInput()
        take(from: &parser, discards)
        precondition(parser.isFinished, "the end of the input must finish the parser")
        precondition(parser.next() == .finished, "a finished parser must stay finished")
    }

    private mutating func take(from parser: inout RequestParser, _ discards: Bool) {
        while true {
            let event = parser.next()
            switch event {
            case .needsMore: return
            case .finished:
                if events.last != .finished { events.append(event) }
                return
            case .body(let more):
                precondition(!more.isEmpty, "a body event is never empty")
                if case .body(let earlier) = events.last {
                    events[events.count - 1] = .body(earlier + more)
                } else {
                    events.append(event)
                }
            case .head(let head):
                events.append(event)
                if discards, !head.expectsContinue { parser.discardBody() }
            case .end, .failure: events.append(event)
            }
        }
    }

    /// The events whole, after every cut was found to give the same.
    static func check(_ pieces: Pieces, _ bytes: [UInt8]) -> Requests {
        let limits = pieces.hash & 1 == 0 ? Limits() : smallLimits
        let discards = pieces.hash & 6 == 0
        let whole = Requests([bytes[...]], limits: limits, discards: discards)
        for cut in pieces.cuts(of: bytes) {
            require(Requests(cut, limits: limits, discards: discards), is: whole, "a cut changed the events")
        }
        return whole
    }
}
