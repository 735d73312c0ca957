internal import Coordinator
internal import ServiceLifecycle

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
