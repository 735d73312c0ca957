internal import ServiceLifecycle

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
