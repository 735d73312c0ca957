import SearchSpaces

/// Everything that the sampler `shift` has learned and counted, beside the generator's parameters.
struct ShiftState: Sendable, Equatable, Codable {
    /// A bin's subnet that is measured again and again on the same examples.
    struct Kept: Sendable, Equatable, Codable {
        let bin: Int
        let choices: [UInt8]
        /// Of each measurement the mean losses of the chunks of examples.
        var losses: [[Double]]

        var genome: Genome { Genome(choices) }
    }

    /// Subnets that are measured together: one for each bin, or that of one drawn bin.
    struct Panel: Sendable, Equatable, Codable {
        /// Which part of the held-out examples.
        let part: Int
        var subnets: [Kept]

        /// Measurements after the first.
        var age: Int { (subnets.first?.losses.count ?? 1) - 1 }
    }

    /// The probabilities of the bins.
    var distribution: BinDistribution
    /// Measurements so far.
    var visits = 0
    /// What is being measured, oldest first.
    var panels: [Panel] = []
    /// Panels so far.
    var panelCount = 0
    /// The running mean of loss changes; nil before the first.
    var baseline: Double?
    /// What the estimator `progress` has measured; nil before its first measurement.
    var progress: BinProgress?
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
    var statistics: [SamplerStatistic] = []

    private enum CodingKeys: String, CodingKey {
        case distribution, visits, panels, panelCount, baseline, progress, generatorUpdates, draws, hits, distance
        // What checkpoints have called it from the start.
        case statistics = "figures"
    }

    /// Whether all is of so many bins.
    func fits(bins: Int) -> Bool {
        draws.count == bins && distribution.fits(bins: bins) && progress?.fits(bins: bins) != false
    }

    init(bins: Int) {
        distribution = BinDistribution(bins: bins)
        draws = [Int](repeating: 0, count: bins)
    }
}
