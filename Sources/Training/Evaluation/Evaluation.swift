/// What a subnet scored on a part of the data.
public struct Evaluation: Sendable, Equatable {
    /// Share classified correctly, 0 to 1.
    public let accuracy: Double
    /// Mean loss against the labels; not finite where training diverged.
    public let loss: Double
    /// On how many examples.
    public let samples: Int
}
