internal import Coordinator
internal import Store
internal import Synchronization

/// Whether the daemon does its work, and what keeps it.
struct Readiness {
    private let parts: [(name: String, isGood: Bool, text: String)]

    init(_ core: DaemonCore) {
        func part(_ name: String, _ isGood: Bool, otherwise text: String) -> (String, Bool, String) {
            (name, isGood, isGood ? "" : ": \(text)")
        }
        parts =
            [
                part("listening", core.conditions.isListening, otherwise: "the API is not open yet"),
                part("recovered", core.scheduler.isRecovered, otherwise: "interrupted runs are being taken up"),
                part("store", core.store.outage == nil, otherwise: core.store.outage ?? ""),
                part(
                    "runs", core.scheduler.troubleTexts.isEmpty,
                    otherwise: core.scheduler.troubleTexts.joined(separator: "; ")),
                part("running", !core.conditions.isStopping, otherwise: "the daemon is stopping"),
            ]
            // A limit is a condition that the daemon works under; on a full disk it computes nothing meanwhile.
            + core.conditions.limits.sorted { $0.key < $1.key }.map { ($0.key, $0.key != "disk", ": \($0.value)") }
    }

    /// Whether every interrupted run goes on and the API is open.
    var isReady: Bool { parts.allSatisfy(\.isGood) }

    /// One line for each part.
    var text: String {
        parts.map { "[\($0.isGood ? "+" : "-")] \($0.name)\($0.text)\n" }.joined()
    }
}

/// What the daemon as a whole is in: ready or not, stopping, under a limit.
final class Conditions: Sendable {
    private struct State {
        var isListening = false
        var isStopping = false
        var isAnnounced = false
        var limits: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// Whether the API listens and was made accessible.
    var isListening: Bool {
        get { state.withLock { $0.isListening } }
        set { state.withLock { $0.isListening = newValue } }
    }

    /// Whether the daemon is on its way down.
    var isStopping: Bool {
        get { state.withLock { $0.isStopping } }
        set { state.withLock { $0.isStopping = newValue } }
    }

    /// Whether the service manager was told that the daemon is ready.
    var isAnnounced: Bool {
        get { state.withLock { $0.isAnnounced } }
        set { state.withLock { $0.isAnnounced = newValue } }
    }

    /// Limits that the daemon works under, such as `disk`, with a sentence on each.
    var limits: [String: String] { state.withLock { $0.limits } }

    /// Sets or lifts a limit; true when that changed something.
    func set(_ limit: String, _ text: String?) -> Bool {
        state.withLock { state in
            let had = state.limits[limit] != nil
            state.limits[limit] = text
            return had != (text != nil)
        }
    }
}
