internal import Glibc

/// A connected, non-blocking TCP socket: what came of each call, as a value. TLS would stand here.
struct Socket: ~Copyable {
    enum Arrival {
        case bytes([UInt8])
        case nothingYet
        /// The peer will send no more.
        case end
        case broken
    }

    enum Departure {
        case sent(Int)
        case full
        case broken
    }

    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    func receive(upTo capacity: Int) -> Arrival {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            let got = retryingInterrupted { recv(descriptor.number, buffer.baseAddress, capacity, 0) }
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        if failure == EAGAIN || failure == EWOULDBLOCK { return .nothingYet }
        if failure != 0 { return .broken }
        return bytes.isEmpty ? .end : .bytes(bytes)
    }

    /// Sends the first bytes and, where there is room, the second with the same call.
    func send(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Departure {
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

    /// Closing from now on resets the connection, which the peer cannot take for an orderly end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Says that nothing more will be sent; the peer may still send.
    func finishSending() {
        shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
