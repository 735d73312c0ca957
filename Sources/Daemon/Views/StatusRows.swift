internal import Store

/// What the store has for a page of the status.
struct StatusRows: Sendable {
    let runs: [RunStatus]
    /// Where the page ends when more follow.
    let next: StatusCursor?

    init(_ store: RunStore, after place: StatusCursor?, limit: Int) throws {
        (runs, next) = try store.status(after: place, limit: limit)
    }
}
