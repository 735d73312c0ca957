internal import Coordinator
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Store
internal import UnixSignals

/// Obeys the signals that a daemon runs on after: SIGHUP reads ``RenewableSettings`` anew, SIGUSR1 does nothing, SIGUSR2
/// writes what the daemon is at into the log.
struct SignalService: Service {
    let core: DaemonCore
    /// Loads the configuration as at the start.
    let load: @Sendable () async throws -> DaemonConfiguration

    func run() async throws {
        for await signal in await UnixSignalsSequence(trapping: .sighup, .sigusr1, .sigusr2)
            .cancelOnGracefulShutdown()
        {
            switch signal {
            case .sighup:
                await core.manager?.insist { $0.reloading() }
                await renew()
                if core.conditions.isAnnounced { await core.manager?.insist { $0.ready("ready") } }
            case .sigusr2: await dump()
            default: core.log.debug("a signal without a meaning")
            }
        }
    }

    /// On a thread of its own: the lanes may be what stands still.
    private func dump() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread { [core] in
                StateDump(core).write(to: core.log)
                done.resume()
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

/// Computes runs until the daemon stops, and then lets each finish its step and write a checkpoint.
struct SchedulerService: Service {
    let core: DaemonCore

    func run() async throws {
        try await core.blocking { [core] in
            try core.scheduler.removeOrphans()
            try core.scheduler.start(after: core.previousEnd)
        }
        try? await gracefulShutdown()
        core.scheduler.drain()
        while !core.scheduler.isDrained { try? await Task.sleep(for: .milliseconds(10)) }
    }
}

/// Is told first that the daemon stops: no run begins another step, and event streams end.
struct StopService: Service {
    let core: DaemonCore

    func run() async throws {
        try? await gracefulShutdown()
        core.conditions.isStopping = true
        core.log.info("stopping")
        core.scheduler.drain()
        core.changes.finish()
        await core.manager?.insist { $0.stopping() }
    }
}

/// Wakes event streams now and then, so that they show their peers that they live.
struct TickService: Service {
    let core: DaemonCore

    static let interval = Duration.seconds(15)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                core.changes.send(.tick)
            }
        }
    }
}

/// Delivers webhooks until the daemon stops; what is in flight then is tried again after the next start.
struct WebhookService: Service {
    let core: DaemonCore

    func run() async throws {
        try core.webhooks.start()
        try? await gracefulShutdown()
        try await core.blocking { [core] in core.webhooks.stop() }
    }
}
