internal import GRDB

/// Where queries read from: one read-only connection.
public struct ReadSource: Sendable {
    let queue: DatabaseQueue
    let path: String

    func read<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try queue.read { db in try body(db) }
        } catch {
            throw StoreError(error, doing: doing, path: path)
        }
    }
}
