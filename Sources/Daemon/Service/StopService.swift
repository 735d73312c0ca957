internal import Coordinator
internal import Logging
internal import ServiceLifecycle

/// Is told first that the daemon stops: no run begins another step, and event streams end.
struct StopService: Service {
    let core: DaemonCore

    func run() async throws {
        try? await gracefulShutdown()
        core.conditions.isStopping = true
        core.log.info("stopping")
        core.scheduler.drain()
        core.changes.finish()
    }
}
