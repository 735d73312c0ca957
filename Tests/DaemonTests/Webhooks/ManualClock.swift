import Store
import Synchronization

/// A clock that goes only where a test sets it.
final class ManualClock: Sendable {
    /// 2026-01-01T00:00:00Z.
    static let start = Timestamp(milliseconds: 1_767_225_600_000)
    private let milliseconds = Atomic<Int64>(start.milliseconds)

    var now: Timestamp {
        get { Timestamp(milliseconds: milliseconds.load(ordering: .sequentiallyConsistent)) }
        set { milliseconds.store(newValue.milliseconds, ordering: .sequentiallyConsistent) }
    }

    /// Milliseconds since the start.
    var elapsed: Int64 { now.milliseconds - Self.start.milliseconds }

    func advance(seconds: Int64) { now = Timestamp(milliseconds: now.milliseconds + seconds * 1000) }
}
