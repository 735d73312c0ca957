internal import Coordinator
internal import SearchSpaces
internal import ServiceLifecycle
internal import Store
internal import Synchronization

/// Tells the service manager when the daemon is ready, and what it is at.
///
/// That it lives is told elsewhere: by the slots that compute (`Pulse`).
struct ManagerService: Service {
    let core: DaemonCore
    let manager: ServiceManager

    private static let interval = Duration.milliseconds(500)
    private static let intervalBeforeReady = Duration.milliseconds(20)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: String?
            while !Task.isCancelled {
                if core.conditions.isAnnounced {
                    let text = try? await core.blocking { [core] in StatusLine(core).text }
                    if let text, text != told, !core.conditions.isStopping, manager.status(text) { told = text }
                } else if core.conditions.isListening, core.scheduler.isRecovered, !core.conditions.isStopping {
                    core.conditions.isAnnounced = manager.ready("ready")
                }
                try? await Task.sleep(for: core.conditions.isAnnounced ? Self.interval : Self.intervalBeforeReady)
            }
        }
    }
}

/// What the daemon is at, in a line: `mnist-vit: step 1200 of 3000, round 2 of 3, best 0.981; 4 queued`.
struct StatusLine {
    let text: String

    private static let mostRuns = 8

    init(_ core: DaemonCore) {
        let computing = core.scheduler.progress.sorted { $0.key.text < $1.key.text }
        var parts = computing.prefix(Self.mostRuns).map { id, progress in
            // Deleted since, or not to be read at present.
            let name = (try? core.store.row(id).name) ?? id.text
            let figures = Self.figures(progress)
            return figures.isEmpty ? "\(name): preparing" : "\(name): \(figures)"
        }
        if computing.count > Self.mostRuns { parts.append("\(computing.count - Self.mostRuns) more compute") }
        if parts.isEmpty { parts.append("no run computes") }
        if let queued = try? core.queue.positions().count, queued > 0 { parts.append("\(queued) queued") }
        parts += core.conditions.limits.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        text = parts.joined(separator: "; ")
    }

    /// How far a run is; rounds are counted from 1.
    static func figures(_ progress: LiveProgress) -> String {
        var parts: [String] = []
        if progress.steps > 0 { parts.append("step \(progress.step) of \(progress.steps)") }
        if let round = progress.round, progress.rounds > 0 { parts.append("round \(round + 1) of \(progress.rounds)") }
        if let best = progress.best { parts.append("best \((best * 1000).rounded() / 1000)") }
        return parts.joined(separator: ", ")
    }
}
