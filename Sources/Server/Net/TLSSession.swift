internal import COpenSSL
internal import Glibc

/// One TLS connection over a non-blocking socket that its owner keeps open. Lives on the event loop's thread.
///
/// Either direction may have to wait for the other: a handshake writes, and reading may first have to send. What each
/// waits for is remembered, and ``interest(reading:writing:)`` says what that means for the poller.
final class TLSSession {
    enum Handshake: Equatable {
        case done
        case waiting
        /// What arrives is no TLS but begins like a request.
        case plainText
        case broken
    }

    private enum Wait { case none, read, write }

    private let session: OpaquePointer
    private let descriptor: Int32
    private(set) var isShaken = false
    private var hasBegun = false
    /// After a fatal error nothing may be asked of OpenSSL any more, not even an orderly end.
    private var isBroken = false
    private var handshakeWait = Wait.read
    private var readWait = Wait.read
    private var writeWait = Wait.write

    fileprivate static let recordOfHandshake: UInt8 = 22

    init?(_ context: OpaquePointer, _ descriptor: Int32) {
        guard let made = SSL_new(context) else { return nil }
        guard SSL_set_fd(made, descriptor) == 1 else {
            SSL_free(made)
            return nil
        }
        SSL_set_accept_state(made)
        session = made
        self.descriptor = descriptor
    }

    deinit { SSL_free(session) }

    /// Goes on with the handshake.
    func shake() -> Handshake {
        if !hasBegun {
            switch peek() {
            case nil: return .waiting
            case Self.recordOfHandshake?: hasBegun = true
            case .some(let byte):
                hasBegun = true
                if Self.beginsText(byte) { return .plainText }
            }
        }
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 {
            isShaken = true
            return .done
        }
        guard let wait = wait(after: result) else { return .broken }
        handshakeWait = wait
        return .waiting
    }

    /// The first byte of the connection, left where it is; nil when it has not come. 0 stands for the end.
    private func peek() -> UInt8? {
        var byte: UInt8 = 0
        let count = retryingInterrupted { recv(descriptor, &byte, 1, Int32(MSG_PEEK)) }
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return nil }
        return count == 1 ? byte : 0
    }

    private static func beginsText(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x0D || byte == 0x0A
    }

    /// Reads at most one record, so that OpenSSL never holds bytes of which the poller does not know.
    ///
    /// - Parameter buffer: room for a whole record, 16 KiB.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Socket.Arrival {
        ERR_clear_error()
        readWait = .read
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        if count > 0 { return .bytes(Int(count)) }
        if SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN { return .end }
        guard let wait = wait(after: count) else { return .broken }
        readWait = wait
        return .nothingYet
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Departure {
        ERR_clear_error()
        writeWait = .write
        let count = SSL_write(session, bytes.baseAddress, Int32(clamping: bytes.count))
        if count > 0 { return .sent(Int(count)) }
        guard let wait = wait(after: count) else { return .broken }
        writeWait = wait
        return .full
    }

    /// Says goodbye in TLS's own way (close_notify), as far as the socket has room for it.
    func finish() {
        guard isShaken, !isBroken else { return }
        ERR_clear_error()
        _ = SSL_shutdown(session)
    }

    private func wait(after result: Int32) -> Wait? {
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .read
        case SSL_ERROR_WANT_WRITE: return .write
        default:
            isBroken = true
            return nil
        }
    }

    /// What the poller must watch so that the handshake, or reading and writing where they are wanted, can go on.
    func interest(reading: Bool, writing: Bool) -> (read: Bool, write: Bool) {
        guard isShaken else { return (handshakeWait == .read, handshakeWait == .write) }
        let waits = (reading ? readWait : .none, writing ? writeWait : .none)
        return (waits.0 == .read || waits.1 == .read, waits.0 == .write || waits.1 == .write)
    }
}
