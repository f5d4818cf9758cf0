internal import LimnerProtocol

/// Bytes in, events out of the parser, bodies to their handlers.
extension Connection {
    func read() {
        switch socket.receive(into: &loop.readBlock) {
        case .nothingYet: return
        case .broken: return close()
        case .end:
            isInputEnded = true
            guard linger == nil else { return close() }
            parser.finishInput()
        case .bytes(let count):
            loop.configuration.meters.received(count)
            if let drained = linger {
                linger = drained + count
                if drained + count > ServerLimits.lingerBytes { close() }
                return
            }
            deadlines.took(count)
            parser.feed(loop.readBlock[..<count])
        }
        pump()
    }

    /// Takes events until more input, a handler or the socket must be waited for.
    func pump() {
        while !isClosed, outbox.isEmpty, linger == nil {
            if isClosing { return finish() }
            if let exchange, exchange.isBusy || (exchange.isBodyDone && !exchange.isAnswered) { return }
            switch parser.next() {
            case .needsMore: return
            case .head(let head): begin(head)
            case .body(let bytes): hand(bytes)
            case .end: endBody()
            case .failure(let failure): refuse(failure)
            case .finished: return exchange == nil ? finish() : endExchange(thenClose: true)
            }
        }
    }

    private func begin(_ head: RequestHead) {
        exchangeNumber += 1
        let ticket = loop.responder.inscribe(loop.makeTicket(), head)
        exchange = Exchange(ticket: ticket, head: head)
        switch loop.responder.admit(head, ticket) {
        case .refuse(let answer): answerEarly(answer)
        case .take(let intake):
            exchange?.intake = intake
            if head.expectsContinue, parser.bufferedByteCount == 0 {
                outbox.append(ResponseHead.continuation(answering: head.answering))
                flush()
            }
        }
    }

    private func hand(_ bytes: [UInt8]) {
        guard let intake = exchange?.intake else { return }
        exchange?.isBusy = true
        let (loop, id, number) = (loop.handle, id, exchangeNumber)
        self.loop.handlers.submit {
            let answer = intake.receive(bytes)
            loop.post { $0.withConnection(id) { $0.handled(number, answer) } }
        }
    }

    /// A handler has taken some of the body.
    private func handled(_ number: Int, _ answer: Answer?) {
        guard number == exchangeNumber, exchange != nil else { return }
        exchange?.isBusy = false
        if let answer { answerEarly(answer) }
        pump()
        settle()
    }

    /// The answer comes before the body has: what is left of it is passed over when it is short, else the connection
    /// ends with this answer.
    func answerEarly(_ answer: Answer) {
        exchange?.intake = nil
        if exchange?.head?.framing.isEmpty == true { exchange?.isBodyDone = true }
        let survives = canPassOver(exchange?.head)
        parser.discardBody()
        send(answer, closes: !survives)
    }

    private func canPassOver(_ head: RequestHead?) -> Bool {
        guard let head else { return false }
        switch head.framing {
        case .none: return true
        case .chunked: return false
        case .length(let count):
            if head.expectsContinue, parser.bufferedByteCount == 0 { return count == 0 }
            return count <= loop.configuration.parser.discardedBody
        }
    }

    /// The body is complete: its handler answers, unless an answer is out already.
    private func endBody() {
        guard let exchange else { return }
        self.exchange?.isBodyDone = true
        if exchange.isAnswered { return endExchange(thenClose: false) }
        guard let intake = exchange.intake else { return }
        if let answer = intake.answerAtOnce() { return send(answer, closes: false) }
        let (loop, id, number) = (loop.handle, id, exchangeNumber)
        let reply = Reply { answer in
            loop.post { $0.deliver(answer, to: id, number) }
        }
        self.loop.handlers.submit { intake.finish(reply) }
    }

    /// A handler's answer has come, perhaps too late.
    func replied(_ number: Int, _ answer: Answer) {
        guard number == exchangeNumber, let exchange, !exchange.isAnswered else { return answer.body.discard() }
        send(answer, closes: false)
        pump()
        settle()
    }

    /// What the parser refused. In the middle of a body the exchange is already there.
    private func refuse(_ failure: ParseFailure) {
        abandonBody()
        if exchange == nil {
            exchangeNumber += 1
            exchange = Exchange(ticket: loop.makeTicket(), head: nil)
        }
        guard let ticket = exchange?.ticket, exchange?.isAnswered == false else { return close() }
        exchange?.isBodyDone = true
        send(loop.responder.refuse(failure, ticket), answering: failure.answering, closes: failure.closes)
    }
}

extension Connection {
    /// Answers a client that was too slow or is one too many, and ends the connection.
    func refuse(status: Int, detail: String) {
        abandonBody()
        if exchange == nil {
            exchangeNumber += 1
            exchange = Exchange(ticket: loop.makeTicket(), head: nil)
        }
        guard let ticket = exchange?.ticket, exchange?.isAnswered == false else { return close() }
        exchange?.isBodyDone = true
        send(loop.responder.refuse(status: status, detail: detail, ticket), closes: true)
    }
}
