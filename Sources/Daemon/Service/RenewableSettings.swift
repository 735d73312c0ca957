internal import Foundation
internal import Synchronization

/// What a daemon that runs on can be told anew: the token, the certificate with its key, and how much is logged.
///
/// Secrets of webhooks are read for every attempt anyway.
final class RenewableSettings: Sendable {
    /// What decides how much is logged.
    let logLevel: SharedLogLevel
    private struct State {
        var token: AccessToken?
        var workerToken: AccessToken?
        var identity: TLSIdentity?

        /// What a worker shows opens nothing of the API.
        func checkTokens() throws {
            guard let token, let workerToken, token.isSame(as: workerToken) else { return }
            throw ConfigurationError([
                .init(
                    place: "configuration", key: "workerTokenFile",
                    message: "expected another token than that of tokenFile, found the same",
                    hint: "make one with: openssl rand -hex 32")
            ])
        }
    }

    private let state: Mutex<State>

    /// Reads everything that a configuration names.
    ///
    /// - Throws: ``ConfigurationError``.
    init(_ configuration: DaemonConfiguration, logLevel: SharedLogLevel) throws {
        self.logLevel = logLevel
        var state = State()
        if configuration.listen != nil { state.token = try configuration.tokenFile.map { try AccessToken(file: $0) } }
        if configuration.workerListen != nil {
            state.workerToken = try configuration.workerTokenFile.map {
                try AccessToken(file: $0, key: "workerTokenFile")
            }
        }
        if configuration.hasTCP { state.identity = try configuration.tls.map { try TLSIdentity($0) } }
        try state.checkTokens()
        self.state = Mutex(state)
    }

    /// The token of workers; nil where they need none.
    var workerToken: AccessToken? { state.withLock { $0.workerToken } }

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
        if present.workerToken != nil {
            guard let file = configuration.workerTokenFile else { throw missing("workerTokenFile") }
            next.workerToken = try AccessToken(file: file, key: "workerTokenFile")
        }
        try next.checkTokens()
        if present.identity != nil {
            guard let files = configuration.tls else { throw missing("tls.certificateFile") }
            next.identity = try TLSIdentity(files)
        }
        state.withLock { $0 = next }
        logLevel.value = configuration.logLevel
    }
}
