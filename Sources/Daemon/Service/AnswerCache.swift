internal import Store
internal import Synchronization

/// What was read from the store, kept until the next write to it: while a run trains, hundreds of questions have the same
/// answer.
final class AnswerCache<Value: Sendable>: Sendable {
    private struct State {
        var writeCount = 0
        var values: [String: Value] = [:]
        var cost = 0
    }

    private let store: RunStore
    private let largestCost: Int
    private let cost: @Sendable (String, Value) -> Int
    private let state = Mutex(State())

    /// Creates a cache that forgets everything before its values, with their keys, cost more than a limit.
    init(_ store: RunStore, largestCost: Int, cost: @escaping @Sendable (String, Value) -> Int) {
        self.store = store
        self.largestCost = largestCost
        self.cost = cost
    }

    /// The value for a key, when nothing was written since it was made.
    func kept(_ key: String) -> Value? {
        let now = store.writeCount
        return state.withLock { $0.writeCount == now ? $0.values[key] : nil }
    }

    /// Makes the value for a key and keeps it.
    func make(_ key: String, _ body: () throws -> Value) rethrows -> Value {
        // Counted before reading: a write in between makes the value old at once, never too new.
        let writeCount = store.writeCount
        let value = try body()
        let cost = cost(key, value)
        state.withLock { state in
            guard writeCount >= state.writeCount, cost <= largestCost else { return }
            if writeCount > state.writeCount || state.cost + cost > largestCost {
                state = State(writeCount: writeCount)
            }
            if state.values.updateValue(value, forKey: key) == nil { state.cost += cost }
        }
        return value
    }
}
