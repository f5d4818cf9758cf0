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

    func send(_ bytes: ArraySlice<UInt8>) -> Departure {
        let sent = bytes.withUnsafeBytes { buffer in
            retryingInterrupted {
                Glibc.send(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
        }
        if sent >= 0 { return .sent(sent) }
        return errno == EAGAIN || errno == EWOULDBLOCK ? .full : .broken
    }

    /// Says that nothing more will be sent; the peer may still send.
    func finishSending() {
        shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
