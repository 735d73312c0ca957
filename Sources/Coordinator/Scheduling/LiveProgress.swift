/// How far a computing run is; what the store does not know between its writes.
public struct LiveProgress: Sendable, Hashable {
    /// Training steps done.
    public var step = 0
    /// The loss of the last step.
    public var loss: Double?
    /// The round that was last measured.
    public var round: Int?
    /// Evaluations of that round.
    public var evaluations = 0
    /// Worker threads.
    public var workers = 0
    /// Estimated seconds to the end; nil before anything was done.
    public var secondsLeft: Double?
}
