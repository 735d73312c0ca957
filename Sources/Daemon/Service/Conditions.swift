internal import Synchronization

/// What the daemon as a whole is in: ready or not, stopping, under a limit.
final class Conditions: Sendable {
    private struct State {
        var isListening = false
        var isStopping = false
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
