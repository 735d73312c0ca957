/// What is known of one subnet and one seed: its losses with inherited weights and trained alone, on all validation
/// examples.
public struct GapRecord: Sendable, Equatable, Codable {
    /// The architecture, as in results.csv.
    public let genome: String
    /// Trainable scalars.
    public let params: Int
    /// Multiply-adds of one forward pass of one example.
    public let multiplyAdds: Int
    /// The seed of the stand-alone training.
    public let seed: Int
    /// Steps of the stand-alone training.
    public let steps: Int
    /// With the network trained alone.
    public let standaloneLoss: Double
    /// With the network trained alone.
    public let standaloneAccuracy: Double
    /// The training step of the supernet's weights.
    public let weightsStep: Int
    /// With the weights of the supernet.
    public let inheritedLoss: Double
    /// With the weights of the supernet.
    public let inheritedAccuracy: Double
    /// Steps from inherited weights to the stand-alone loss, 0 where they are as good; nil when it was not reached or asked.
    public let extraSteps: Int?
    /// Steps that they were given.
    public let extraLimit: Int

    /// Inherited minus stand-alone loss: above 0 where the subnet is worse in the supernet.
    public var gap: Double { inheritedLoss - standaloneLoss }
}
