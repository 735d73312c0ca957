/// A search round.
public struct RoundItem: Codable, Sendable, Hashable {
    /// Its number, from 0.
    public var round: Int
    /// The training step of its weights.
    public var weightsStep: Int
    /// `running` or `completed`.
    public var state: String
    /// Evaluations so far.
    public var evaluations: Int
    /// The hypervolume, when known.
    public var hypervolume: Double?

    /// Creates a round.
    public init(round: Int, weightsStep: Int, state: String, evaluations: Int, hypervolume: Double? = nil) {
        self.round = round
        self.weightsStep = weightsStep
        self.state = state
        self.evaluations = evaluations
        self.hypervolume = hypervolume
    }
}
