internal import Coordinator
internal import Logging
internal import ServiceLifecycle
internal import Store
internal import UnixSignals

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
                // Secrets are read for every message; one that cannot be is told of here.
                if let webhook = core.configuration.webhook {
                    try core.deliveries.check(url: webhook.url, secret: webhook.secret)
                }
                try core.renewable.renew(configuration)
            }
            core.log.notice(
                "token, certificate, secrets and log level were read anew; other keys take a restart",
                metadata: ["level": "\(configuration.logLevel.rawValue)"])
        } catch {
            core.log.error("nothing was changed: the configuration cannot be taken", metadata: ["reason": "\(error)"])
        }
    }
}
