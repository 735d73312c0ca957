internal import Synchronization

/// What asks the coordinator to stop, set from any thread or signal handler; a later one outdoes those before it.
public enum RunRequest: Int, Sendable {
    /// Go on.
    case none = 0
    /// Stop with a checkpoint; the state stays, so that the next start goes on.
    case stop = 1
    /// Pause.
    case pause = 2
    /// Cancel.
    case cancel = 3
}

/// Carries a request to a running coordinator, which acts at the end of its step.
///
/// The coordinator may look as often as it likes whether it is asked at all, and reads what it is asked once: from then on
/// nothing changes that, and whoever asks for more has to see what became of the run.
public final class RunControl: Sendable {
    private static let decided = 1 << 8
    private let value = Atomic<Int>(RunRequest.none.rawValue)

    private let look: (@Sendable () -> Void)?

    /// Creates a control that asks for nothing.
    ///
    /// - Parameter look: Called whenever somebody looks whether anything is asked, which every loop of a run does; must be quick.
    public init(look: (@Sendable () -> Void)? = nil) { self.look = look }

    /// Whether anything is asked.
    public var isAsked: Bool {
        look?()
        return value.load(ordering: .relaxed) != RunRequest.none.rawValue
    }

    /// Asks; a request that was made before and goes further stays.
    ///
    /// - Returns: False when the coordinator has read its request already.
    @discardableResult
    public func ask(_ request: RunRequest) -> Bool {
        var found = value.load(ordering: .relaxed)
        while found & Self.decided == 0 {
            let wanted = max(found, request.rawValue)
            let (isDone, now) = value.compareExchange(
                expected: found, desired: wanted, ordering: .relaxed)
            if isDone { return true }
            found = now
        }
        return false
    }

    /// Reads the request, once and for all.
    func decide() -> RunRequest {
        let found = value.bitwiseOr(Self.decided, ordering: .relaxed).oldValue
        return RunRequest(rawValue: found & ~Self.decided) ?? .none
    }
}
