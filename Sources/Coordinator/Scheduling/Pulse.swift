internal import Synchronization

/// The life signs of a scheduler's slots, for whoever ends a process that gives none.
///
/// A slot beats where its loop comes round: whenever a coordinator looks whether it is asked to stop, and while the slot waits for
/// work. The beat itself tells, on the slot's own thread, as long as every other slot has beaten within half the period: there is
/// no timer that would go on when a coordinator does not.
public final class Pulse: Sendable {
    private struct State {
        var beats: [Int: ContinuousClock.Instant] = [:]
        var told: ContinuousClock.Instant?
    }

    private let period: Duration
    private let tell: @Sendable () -> Void
    private let state = Mutex(State())

    /// Creates a pulse.
    ///
    /// - Parameters:
    ///   - period: How long nothing may be told before the process counts as stalled.
    ///   - tell: Tells that all slots live; called on their threads, at most four times a period.
    public init(period: Duration, tell: @escaping @Sendable () -> Void) {
        self.period = period
        self.tell = tell
    }

    /// How long a slot without work waits before it beats again, in seconds.
    var waitSeconds: Double { min(1, period / .seconds(8)) }

    /// A slot begins: from here on it is waited for.
    func enter(_ slot: Int, at now: ContinuousClock.Instant = .now) { state.withLock { $0.beats[slot] = now } }

    /// A slot has ended, and is waited for no more.
    func leave(_ slot: Int) { state.withLock { $0.beats[slot] = nil } }

    /// A slot's loop has come round.
    func beat(_ slot: Int, at now: ContinuousClock.Instant = .now) {
        let isDue = state.withLock { state in
            guard state.beats[slot] != nil else { return false }
            state.beats[slot] = now
            if let told = state.told, now - told < period / 4 { return false }
            guard state.beats.values.allSatisfy({ now - $0 < period / 2 }) else { return false }
            state.told = now
            return true
        }
        if isDue { tell() }
    }
}
