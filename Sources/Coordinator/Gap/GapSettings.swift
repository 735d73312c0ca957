/// What a gap study does: how many subnets, how often each is trained alone, and how long inherited weights may catch up.
public struct GapSettings: Sendable, Equatable {
    /// Subnets: the smallest, the largest, and others evenly over the costs between.
    public let subnets: Int
    /// Stand-alone trainings of each subnet.
    public let seeds: Int
    /// Steps that inherited weights are trained at most to reach the stand-alone loss; 0 leaves that out.
    public let extraSteps: Int

    /// Creates settings.
    public init(subnets: Int, seeds: Int, extraSteps: Int) {
        self.subnets = subnets
        self.seeds = seeds
        self.extraSteps = extraSteps
    }
}
