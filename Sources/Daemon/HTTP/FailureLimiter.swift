internal import Synchronization

/// Slows down whoever guesses tokens: after ten failures within a minute, an address waits the minute out.
final class FailureLimiter: Sendable {
    private struct Window {
        var start: ContinuousClock.Instant
        var failures: Int
    }

    private let windows = Mutex<[String: Window]>([:])
    private static let most = 10
    private static let length = Duration.seconds(60)
    private static let mostAddresses = 10_000

    /// Notes a failure of an address.
    func fail(_ address: String) {
        let now = ContinuousClock.now
        windows.withLock { windows in
            if windows.count >= Self.mostAddresses { windows = windows.filter { now - $0.value.start < Self.length } }
            if windows.count >= Self.mostAddresses { windows.removeAll() }
            if let window = windows[address], now - window.start < Self.length {
                windows[address]?.failures += 1
            } else {
                windows[address] = Window(start: now, failures: 1)
            }
        }
    }

    /// Seconds that an address has to wait; nil when it need not.
    func secondsToWait(_ address: String) -> Int? {
        windows.withLock { windows in
            guard let window = windows[address], window.failures >= Self.most else { return nil }
            let left = Self.length - (ContinuousClock.now - window.start)
            return left > .zero ? Int(left.components.seconds) + 1 : nil
        }
    }
}
