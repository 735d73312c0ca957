internal import Crypto
internal import Foundation
internal import Logging
internal import NIOSSL
internal import ServiceLifecycle
internal import Store
internal import Synchronization
internal import UnixSignals

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
        state = Mutex(try Self.read(configuration))
    }

    /// The token of TCP clients; nil where there is no TCP.
    var token: AccessToken? { state.withLock { $0.token } }

    /// The certificate and key of TCP; nil where it is not encrypted.
    var identity: TLSIdentity? { state.withLock { $0.identity } }

    /// Takes over what a configuration says now: all of it, or nothing.
    ///
    /// - Throws: ``ConfigurationError``.
    func renew(_ configuration: DaemonConfiguration) throws {
        let read = try Self.read(configuration)
        state.withLock { $0 = read }
        logLevel.value = configuration.logLevel
    }

    private static func read(
        _ configuration: DaemonConfiguration
    ) throws -> (token: AccessToken?, identity: TLSIdentity?) {
        guard configuration.listen != nil else { return (nil, nil) }
        return (
            try configuration.tokenFile.map { try AccessToken(file: $0) },
            try configuration.tls.map { try TLSIdentity($0) }
        )
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

/// Obeys the signals that a daemon runs on after: SIGHUP reads ``RenewableSettings`` anew, SIGUSR1 does nothing, SIGUSR2
/// writes what the daemon is in into the log.
struct SignalService: Service {
    let core: DaemonCore
    /// Loads the configuration as at the start.
    let load: @Sendable () async throws -> DaemonConfiguration

    func run() async throws {
        for await signal in await UnixSignalsSequence(trapping: .sighup, .sigusr1, .sigusr2)
            .cancelOnGracefulShutdown()
        {
            switch signal {
            case .sighup: await renew()
            case .sigusr2: core.log.notice("state", metadata: ["ready": "\(Readiness(core).text)"])
            default: core.log.debug("a signal without a meaning")
            }
        }
    }

    private func renew() async {
        do {
            let configuration = try await load()
            try await core.blocking { [core] in
                try core.renewable.renew(configuration)
                if let webhook = configuration.webhook {
                    try core.deliveries.check(url: webhook.url, secret: webhook.secret)
                }
            }
            core.log.notice(
                "token, certificate, secrets and log level were read anew; other keys take a restart",
                metadata: ["level": "\(configuration.logLevel.rawValue)"])
        } catch {
            core.log.error("nothing was changed: the configuration cannot be taken", metadata: ["reason": "\(error)"])
        }
    }
}
