internal import Foundation
internal import NIOSSL
internal import Synchronization

/// What a daemon that runs on can be told anew: the token, the certificate with its key, and how much is logged.
///
/// Secrets of webhooks are read for every attempt anyway.
final class RenewableSettings: Sendable {
    /// What decides how much is logged.
    let logLevel: SharedLogLevel
    private let state: Mutex<(token: AccessToken?, identity: TLSIdentity?)>

    /// Reads everything that a configuration names.
    ///
    /// - Throws: ``ConfigurationError``.
    init(_ configuration: DaemonConfiguration, logLevel: SharedLogLevel) throws {
        self.logLevel = logLevel
        guard configuration.listen != nil else {
            state = Mutex((nil, nil))
            return
        }
        state = Mutex(
            (
                try configuration.tokenFile.map { try AccessToken(file: $0) },
                try configuration.tls.map { try TLSIdentity($0) }
            ))
    }

    /// The token of TCP clients; nil where there is no TCP.
    var token: AccessToken? { state.withLock { $0.token } }

    /// The certificate and key of TCP; nil where it is not encrypted.
    var identity: TLSIdentity? { state.withLock { $0.identity } }

    /// Takes over what a configuration says now: all of it, or nothing.
    ///
    /// Whether there is TCP, and whether it is encrypted, takes a restart: a file that no longer names what the daemon goes on to
    /// need is refused.
    /// - Throws: ``ConfigurationError``.
    func renew(_ configuration: DaemonConfiguration) throws {
        func missing(_ key: String) -> ConfigurationError {
            ConfigurationError([
                .init(
                    place: "configuration", key: key,
                    message: "expected a file, since the daemon has one in use; found none", hint: "restart it without")
            ])
        }
        let present = state.withLock { $0 }
        var next = present
        if present.token != nil {
            guard let file = configuration.tokenFile else { throw missing("tokenFile") }
            next.token = try AccessToken(file: file)
        }
        if present.identity != nil {
            guard let files = configuration.tls else { throw missing("tls.certificateFile") }
            next.identity = try TLSIdentity(files)
        }
        state.withLock { $0 = next }
        logLevel.value = configuration.logLevel
    }
}

/// A certificate chain and its key, read from PEM files.
struct TLSIdentity: Sendable {
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource

    /// Reads both and tries whether they belong together.
    ///
    /// - Throws: ``ConfigurationError``.
    init(_ files: DaemonConfiguration.TLS) throws {
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile).map { .certificate($0) }
            key = .privateKey(try NIOSSLPrivateKey(file: files.keyFile, format: .pem))
            _ = try NIOSSLContext(configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key))
        } catch {
            throw ConfigurationError([
                .init(
                    place: files.certificateFile, key: "tls",
                    message: "the certificate or its key cannot be used: \(error)",
                    hint: "both are PEM files")
            ])
        }
    }
}
