import SearchSpaces

/// Everything that the sampler `shift` has learned and counted, beside the generator's parameters.
struct ShiftState: Sendable, Equatable, Codable {
    /// A bin's subnet at the last measurement, to be measured again on the same examples.
    struct Kept: Sendable, Equatable, Codable {
        let bin: Int
        let choices: [UInt8]
        /// Mean losses of the chunks of examples.
        let losses: [Double]

        var genome: Genome { Genome(choices) }
    }

    /// The probabilities of the bins.
    var distribution: BinDistribution
    /// Measurements so far.
    var visits = 0
    /// What was measured last: one subnet for each bin, or that of one drawn bin.
    var kept: [Kept] = []
    /// The running mean of loss changes; nil before the first.
    var baseline: Double?
    /// Updates of the generator so far.
    var generatorUpdates = 0

    // Counted since the last milestone.

    /// Subnets trained in each bin of cost.
    var draws: [Int]
    /// Draws within half a bin of the target.
    var hits = 0
    /// Sum of distances from the target, in bins.
    var distance = 0.0
    /// What updates have told.
    var figures: [SamplerFigure] = []

    init(bins: Int) {
        distribution = BinDistribution(bins: bins)
        draws = [Int](repeating: 0, count: bins)
    }
}
