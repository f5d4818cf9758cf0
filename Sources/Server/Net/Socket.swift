internal import Glibc

/// A connected, non-blocking TCP socket, with TLS on it or without: what came of each call, as a value.
struct Socket: ~Copyable {
    enum Arrival: Equatable {
        /// So many bytes are in the buffer now.
        case bytes(Int)
        case nothingYet
        /// The peer will send no more.
        case end
        case broken
    }

    enum Departure: Equatable {
        case sent(Int)
        case full
        case broken
    }

    let descriptor: Descriptor
    private var session: TLSSession?

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    // MARK: TLS

    /// - Returns: false when that cannot be.
    mutating func secure(with context: TLSContext) -> Bool {
        session = context.session(on: descriptor.number)
        return session != nil
    }

    /// Nothing may be read or written before the handshake is through.
    var isShaking: Bool { session.map { !$0.isShaken } ?? false }
    var isSecure: Bool { session != nil }

    func shake() -> TLSSession.Handshake { session?.shake() ?? .done }

    /// From now on bytes go as they are.
    mutating func speakPlainly() { session = nil }

    /// What the poller must watch when these are wanted.
    func interest(reading: Bool, writing: Bool) -> (read: Bool, write: Bool) {
        session?.interest(reading: reading, writing: writing) ?? (reading, writing)
    }

    // MARK: Bytes

    /// - Parameter buffer: at least 16 KiB.
    func receive(into buffer: inout [UInt8]) -> Arrival {
        buffer.withUnsafeMutableBytes { buffer in
            if let session { return session.receive(into: buffer) }
            let count = retryingInterrupted { recv(descriptor.number, buffer.baseAddress, buffer.count, 0) }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .nothingYet : .broken
        }
    }

    /// Sends the first bytes and, where there is room, the second with the same call.
    func send(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Departure {
        if let session {
            // One record for a head and a short body. What is tried again begins with the same bytes.
            let isJoined = !second.isEmpty && first.count + second.count <= ServerLimits.tlsRecord
            return (isJoined ? first + second : first).withUnsafeBytes { session.send($0) }
        }
        let sent = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var pieces = (Self.piece(first), Self.piece(second))
                return withUnsafeMutablePointer(to: &pieces) { pieces in
                    pieces.withMemoryRebound(to: iovec.self, capacity: 2) { pieces in
                        var message = msghdr()
                        message.msg_iov = pieces
                        message.msg_iovlen = second.isEmpty ? 1 : 2
                        return retryingInterrupted { sendmsg(descriptor.number, &message, Int32(MSG_NOSIGNAL)) }
                    }
                }
            }
        }
        if sent >= 0 { return .sent(sent) }
        return errno == EAGAIN || errno == EWOULDBLOCK ? .full : .broken
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }

    // MARK: Ending

    /// Says that nothing more will be sent; the peer may still send, which is not decrypted any more.
    mutating func finishSending() {
        sayGoodbye()
        shutdown(descriptor.number, Int32(SHUT_WR))
    }

    /// Tells a TLS peer that what it got is all there is.
    mutating func sayGoodbye() {
        session?.finish()
        session = nil
    }

    /// Closing from now on resets the connection, which the peer cannot take for an orderly end.
    mutating func reset() {
        session = nil
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
