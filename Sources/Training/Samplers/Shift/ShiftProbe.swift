import SearchSpaces

/// Measures subnets on held-out examples, for updates of the probabilities.
protocol ShiftProbe {
    /// Mean losses of genomes by chunk of examples, with the weights as they are.
    ///
    /// - Parameter visit: Which part of the held-out examples.
    func losses(_ genomes: [Genome], visit: Int) throws -> [[Double]]

    /// The gradients of the held-out loss by the option weights of a genome: with the weights as they are, and with those
    /// that were last remembered.
    func optionGradients(_ genome: Genome, visit: Int) throws -> (now: OptionWeights, before: OptionWeights)

    /// Keeps the weights as they are for the next ``optionGradients(_:visit:)``.
    func rememberWeights()
}
