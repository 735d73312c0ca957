internal import COpenSSL
internal import Glibc

/// A certificate chain and its key, read from PEM files, as the connections of a server share them.
///
/// - Invariant (unchecked Sendable): the context is changed while it is made and by nobody later; OpenSSL then counts its users and lets
///   any thread make connections of it.
final class TLSIdentity: @unchecked Sendable {
    private let context: OpaquePointer

    /// Reads both and tries whether they belong together.
    ///
    /// - Throws: ``ConfigurationError``.
    init(_ files: DaemonConfiguration.TLS) throws(ConfigurationError) {
        func unusable(_ place: String, _ what: String) -> ConfigurationError {
            ConfigurationError([
                .init(
                    place: place, key: "tls", message: "\(what): \(TLSFailure.ofLibrary().reason)",
                    hint: "both are PEM files, the key without a password")
            ])
        }
        ERR_clear_error()
        guard let context = nasd_tls_server() else {
            throw unusable(files.certificateFile, "OpenSSL cannot begin")
        }
        // Freed with it if anything below fails.
        self.context = context
        guard SSL_CTX_use_certificate_chain_file(context, files.certificateFile) == 1 else {
            throw unusable(files.certificateFile, "the certificate cannot be used")
        }
        guard SSL_CTX_use_PrivateKey_file(context, files.keyFile, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else {
            throw unusable(files.keyFile, "the key of the certificate cannot be used")
        }
    }

    deinit { SSL_CTX_free(context) }

    /// A connection that waits for its peer's hello; nil where there is no memory for it.
    func makeConnection() -> OpaquePointer? { SSL_new(context) }
}

/// Why OpenSSL does not go on.
struct TLSFailure: Error {
    /// What it says, such as "wrong version number".
    let reason: String

    /// What went wrong first since the library's list of faults, one for each thread, was cleared.
    static func ofLibrary() -> TLSFailure {
        let code = ERR_peek_error()
        if code & Self.ofSystem != 0 { return TLSFailure(reason: String(cString: strerror(Int32(code & 0xFFFF)))) }
        return TLSFailure(reason: ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given")
    }

    /// Marks the codes of the operating system.
    private static let ofSystem: UInt = 0x8000_0000
}
