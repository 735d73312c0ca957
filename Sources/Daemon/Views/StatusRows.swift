internal import Store

/// What the store has for the status: every run that is shown, and the queue.
struct StatusRows: Sendable {
    let runs: [RunStatus]
    let queuePositions: [RunID: Int]

    init(_ store: RunStore) throws {
        runs = try store.status()
        queuePositions = try store.queuePositions()
    }
}
