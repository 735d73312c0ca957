internal import Coordinator

/// Whether the daemon does its work, and what keeps it.
struct Readiness {
    private let parts: [(name: String, isGood: Bool, text: String)]

    init(_ core: DaemonCore) {
        let limits = core.conditions.limits.sorted { $0.key < $1.key }
        parts =
            [
                ("listening", core.conditions.isListening, ""),
                ("recovered", core.scheduler.isRecovered, "interrupted runs are being taken up"),
                ("running", !core.conditions.isStopping, "the daemon is stopping"),
            ] + limits.map { ($0.key, true, $0.value) }
    }

    /// Whether every interrupted run goes on and the API is open.
    var isReady: Bool { parts.allSatisfy(\.isGood) }

    /// One line for each part.
    var text: String {
        parts.map {
            "[\($0.isGood ? "+" : "-")] \($0.name)\($0.text.isEmpty || ($0.isGood && $0.name != "disk") ? "" : ": \($0.text)")\n"
        }
        .joined()
    }
}
