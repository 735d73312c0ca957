import SearchSpaces

/// Measures subnets on held-out examples, for updates of the probabilities.
protocol ShiftProbe {
    /// Mean losses of genomes by chunk of examples, with the weights as they are.
    ///
    /// - Parameter part: Which part of the held-out examples; the same ones each time.
    func losses(_ genomes: [Genome], part: Int) throws -> [[Double]]

    /// The gradients of the held-out loss by the option weights of a genome: with the weights as they are, and with those
    /// that were last remembered.
    func optionGradients(_ genome: Genome, part: Int) throws -> (now: OptionWeights, before: OptionWeights)

    /// Keeps the weights as they are for the next ``optionGradients(_:part:)``.
    func rememberWeights()
}
