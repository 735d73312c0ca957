internal import Synchronization

/// Counts of answered requests by the class of their status.
final class RequestCounters: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func count(status: Int) { counts.withLock { $0[status / 100, default: 0] += 1 } }

    /// Class (2 for 2xx) and count.
    var all: [(statusClass: Int, count: Int)] {
        counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}
