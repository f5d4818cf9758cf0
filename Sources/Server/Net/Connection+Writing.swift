internal import LimnerProtocol

/// Answers out, as fast as the client takes them.
extension Connection {
    func send(_ answer: Answer, closes: Bool) {
        send(answer, answering: exchange?.head?.answering ?? .unparsed, closes: closes)
    }

    func send(_ answer: Answer, answering context: AnswerContext, closes: Bool) {
        let wantsMore = exchange?.head?.keepsAlive ?? true
        let mayGoOn = !closes && !loop.isDraining && !isWornOut && !isInputEndedForGood
        let start = ResponseHead(answer.status, fields: answer.fields).start(
            body: answer.length, answering: context, keepsAlive: wantsMore && mayGoOn, date: loop.date())
        exchange?.isAnswered = true
        exchange?.status = answer.status
        isClosing = isClosing || start.closes
        outbox.begin(start.bytes)
        append(answer.body, start.transfer)
        flush()
    }

    private func append(_ body: Answer.Body, _ transfer: BodyTransfer) {
        guard transfer != .none else { return body.discard() }
        outbox.append(body, isChunked: transfer == .chunked)
        guard case .stream(let stream) = body else { return }
        let (loop, id, number) = (loop.handle, id, exchangeNumber)
        stream.attach { loop.post { $0.withConnection(id) { $0.streamGrew(number) } } }
    }

    /// The client said it sends no more, and nothing it sent before is left to be answered.
    private var isInputEndedForGood: Bool { isInputEnded && parser.bufferedByteCount == 0 }

    /// Sends until the socket is full or everything is out.
    func flush() {
        repeat {
            while let (first, second) = outbox.next {
                switch socket.send(first, second) {
                case .full: return
                case .broken: return close()
                case .sent(let count):
                    loop.configuration.meters.sent(count)
                    outbox.sent(count)
                    deadlines.gave(count)
                }
            }
        } while takeFromStream()
        if outbox.isWaitingForFile { return readFile() }
        if outbox.isEmpty, exchange?.isAnswered == true { sentAll() }
    }

    /// - Returns: whether there is more to send.
    private func takeFromStream() -> Bool {
        guard outbox.isDrained, let (stream, isChunked) = outbox.stream else { return false }
        switch stream.take() {
        case .nothingYet: return false
        case .bytes(let bytes):
            outbox.append(isChunked ? ChunkedEncoder.chunk(bytes[...]) : bytes)
            return true
        case .end:
            outbox.leaveStream()
            if isChunked { outbox.append(ChunkedEncoder.last) }
            return isChunked
        case .abort:
            cutStream(isChunked: isChunked)
            return false
        }
    }

    private func cutStream(isChunked: Bool) {
        // Where only the end of the connection ends the body, an orderly end would look like success.
        if !isChunked { socket.reset() }
        close()
    }

    /// A body that is being made has more, or has ended.
    private func streamGrew(_ number: Int) {
        guard number == exchangeNumber, exchange != nil else { return }
        // Also where the client's socket is full, or a body that outgrew its reader would wait for the reader.
        if let (stream, isChunked) = outbox.stream, stream.isAborted { return cutStream(isChunked: isChunked) }
        flush()
        pump()
        settle()
    }

    /// Fetches the next piece of a file on a handler thread.
    private func readFile() {
        guard let (slice, offset) = outbox.takeFileRead() else { return }
        let (loop, id, number) = (loop.handle, id, exchangeNumber)
        self.loop.handlers.submit {
            let bytes = slice.read(at: offset, upTo: ServerLimits.fileBlock)
            loop.post { $0.withConnection(id) { $0.fileRead(number, bytes) } }
        }
    }

    private func fileRead(_ number: Int, _ bytes: [UInt8]) {
        guard number == exchangeNumber, exchange != nil else { return }
        // A file that ends early cannot be made good: the client must see that bytes are missing.
        guard !bytes.isEmpty else { return close() }
        outbox.fileArrived(bytes)
        flush()
        pump()
        settle()
    }

    /// The answer is out; the request may still be coming in.
    private func sentAll() {
        guard let exchange else { return }
        if exchange.isBodyDone || isClosing { endExchange(thenClose: isClosing) }
    }

    func endExchange(thenClose closes: Bool) {
        if let exchange { report(exchange, isComplete: true) }
        let closes = closes || loop.isDraining
        let mayMoreCome = exchange?.mayMoreCome ?? true
        exchange = nil
        outbox.total = 0
        deadlines.exchangeEnded()
        guard closes else { return }
        if mayMoreCome || parser.bufferedByteCount > 0 { finish() } else { close() }
    }
}
