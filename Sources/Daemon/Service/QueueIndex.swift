internal import Store
internal import Synchronization

/// The place in the queue of every waiting run, read anew only when the queue may have changed.
final class QueueIndex: Sendable {
    private let store: RunStore
    private let state = Mutex<(count: Int, positions: [RunID: Int])>((-1, [:]))

    init(_ store: RunStore) { self.store = store }

    /// The places, from 1.
    func positions() throws -> [RunID: Int] {
        // Counted before reading: a change in between makes the places old at once, never too new.
        let count = store.queueChangeCount
        if let known = state.withLock({ $0.count == count ? $0.positions : nil }) { return known }
        let positions = try store.queuePositions()
        state.withLock { if $0.count < count { $0 = (count, positions) } }
        return positions
    }
}
