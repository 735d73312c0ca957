internal import CCurl
internal import Glibc
internal import Synchronization

/// Ends a request from elsewhere: from another thread, or from a signal handler.
public final class HTTPCancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    /// Readable once cancelled, so that whoever waits for a socket wakes up; -1 when no descriptor was left, and the
    /// flag is looked at from time to time instead.
    let descriptor: Int32

    /// Creates a token that cancels nothing yet.
    public init() {
        descriptor = nasd_curl_wake_descriptor()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether ``cancel()`` was called.
    public var isCancelled: Bool { flag.load(ordering: .acquiring) }

    /// Ends the requests that carry this token, those to come included; safe in a signal handler.
    public func cancel() {
        flag.store(true, ordering: .releasing)
        guard descriptor >= 0 else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }
}
