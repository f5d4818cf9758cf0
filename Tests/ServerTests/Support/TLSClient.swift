import COpenSSL
import FoundationEssentials
import Glibc
import LimnerServer

/// Certificates made for these tests, for `localhost`.
enum Certificates {
    /// Serial number 1.
    static let first = files("first")
    /// Serial number 2.
    static let second = files("second")

    static func path(_ name: String) -> String {
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return tests.joined(separator: "/") + "/Fixtures/tls/" + name
    }

    private static func files(_ name: String) -> TLSFiles {
        TLSFiles(certificate: path(name + ".pem"), key: path(name + ".key.pem"))
    }
}

/// A blocking TLS client that waits no longer than ten seconds for anything.
final class TLSClient {
    enum Trouble: Error { case cannotConnect, handshake(String), closed }

    /// What a client may ask for.
    struct Wishes {
        var newest: Int32 = TLS1_3_VERSION
        /// As in the extension: each name after its length.
        var protocols = Array("\u{8}http/1.1".utf8)
    }

    private let socket: Int32
    private let context: OpaquePointer
    private let session: OpaquePointer

    init(port: Int, _ wishes: Wishes = Wishes()) throws {
        socket = try WireClient.connected(port: port)
        context = SSL_CTX_new(TLS_client_method())
        session = SSL_new(context)
        // Old versions are refused by the server's word, not by this client's own caution.
        SSL_set_security_level(session, 0)
        _ = SSL_ctrl(session, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(wishes.newest), nil)
        SSL_set_alpn_protos(session, wishes.protocols, UInt32(wishes.protocols.count))
        SSL_set_fd(session, socket)
        guard SSL_connect(session) == 1 else { throw Trouble.handshake(Self.reason()) }
    }

    deinit {
        SSL_free(session)
        SSL_CTX_free(context)
        close(socket)
    }

    var version: String { String(cString: SSL_get_version(session)) }

    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &length)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// The serial number of the server's certificate.
    var serial: Int {
        guard let certificate = SSL_get1_peer_certificate(session) else { return 0 }
        defer { X509_free(certificate) }
        return ASN1_INTEGER_get(X509_get_serialNumber(certificate))
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        SSL_write(session, bytes, Int32(bytes.count))
    }

    /// Asks for the keys to be negotiated anew, as TLS 1.2 could.
    ///
    /// - Returns: whether the server took part.
    func renegotiates() -> Bool { SSL_renegotiate(session) == 1 && SSL_do_handshake(session) == 1 }

    /// Everything up to the end, and whether that was an orderly one (close_notify).
    func rest() -> (text: String, isOrderly: Bool) {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = SSL_read(session, &block, Int32(block.count))
            guard count > 0 else {
                let isOrderly = SSL_get_error(session, count) == SSL_ERROR_ZERO_RETURN
                return (String(decoding: bytes, as: UTF8.self), isOrderly)
            }
            bytes += block.prefix(Int(count))
        }
    }

    private static func reason() -> String {
        defer { ERR_clear_error() }
        return ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "closed"
    }
}
