internal import COpenSSL

/// Where a service's certificate is.
public struct TLSFiles: Sendable, Equatable {
    /// A PEM file: the certificate, then those that lead to its root.
    public var certificate: String
    /// A PEM file: the certificate's private key, without a passphrase.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// A certificate with its key and the rules of ``limner_tls_context()``: what sessions are made of. Never changed: a
/// new certificate makes a new one, and sessions that began with the old one keep it.
final class TLSContext: Sendable {
    /// OpenSSL counts and locks its references itself.
    private nonisolated(unsafe) let context: OpaquePointer

    /// - Throws: ``ServerError/certificate(file:detail:)``
    init(_ files: TLSFiles) throws(ServerError) {
        guard let made = limner_tls_context() else {
            throw .certificate(file: files.certificate, detail: Self.reason())
        }
        context = made
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(made, files.certificate) == 1 else {
            throw .certificate(file: files.certificate, detail: Self.reason())
        }
        guard SSL_CTX_use_PrivateKey_file(made, files.key, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(made) == 1
        else { throw .certificate(file: files.key, detail: Self.reason()) }
    }

    deinit { SSL_CTX_free(context) }

    /// - Returns: nil when memory is out.
    func session(on descriptor: Int32) -> TLSSession? { TLSSession(context, descriptor) }

    /// What OpenSSL says of the latest failure.
    private static func reason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard let text = ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return String(cString: text)
    }
}
