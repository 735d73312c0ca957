internal import Synchronization

/// Carries a request to a running coordinator, which acts at the end of its step.
public final class RunControl: Sendable {
    private let value = Atomic<Int>(RunRequest.none.rawValue)

    /// Creates a control that asks for nothing.
    public init() {}

    /// The request.
    public var request: RunRequest {
        get { RunRequest(rawValue: value.load(ordering: .relaxed)) ?? .none }
        set { value.store(newValue.rawValue, ordering: .relaxed) }
    }
}
