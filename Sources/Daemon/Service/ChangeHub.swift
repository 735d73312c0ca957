internal import Synchronization

/// Tells whoever listens that the store has changed, or that a while has passed.
final class ChangeHub: Sendable {
    /// Why a listener is woken.
    enum Signal: Sendable {
        /// Something was written.
        case change
        /// Some seconds have passed.
        case tick
    }

    private struct State {
        var listeners: [Int: AsyncStream<Signal>.Continuation] = [:]
        var next = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Signals from now on; a slow listener misses repetitions, never the last one.
    func listen() -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = state.withLock { state in
            if state.isOver { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    /// How many listen.
    var count: Int { state.withLock { $0.listeners.count } }

    func send(_ signal: Signal) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(signal) }
    }

    /// Ends every stream, and those asked for later at once.
    func finish() {
        let all = state.withLock { state in
            state.isOver = true
            return Array(state.listeners.values)
        }
        for listener in all { listener.finish() }
    }
}
