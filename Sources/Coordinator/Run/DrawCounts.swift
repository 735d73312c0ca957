internal import SearchSpaces
internal import Store
internal import Training

/// How often the sampler drew subnets of each cost, in bins of equal width from the smallest to the largest.
struct DrawCounts {
    private let space: SearchSpace
    private let low: Int
    private let high: Int

    private static let bins = 8

    init(space: SearchSpace) {
        self.space = space
        low = space.cost(of: space.smallest).multiplyAdds
        high = space.cost(of: space.largest).multiplyAdds
    }

    /// The counts over some steps as rows of the last, named `draws`.
    ///
    /// What a step draws is a function of the step, so the counts are too, however often the run was cut short.
    func records(of steps: Range<Int>, from trainer: Trainer) -> [SamplerStatistic] {
        var counts = [Int](repeating: 0, count: Self.bins)
        for step in steps {
            for pass in trainer.passes(of: step) {
                let cost = space.cost(of: pass.genome).multiplyAdds
                let place = high == low ? 0 : (cost - low) * Self.bins / (high - low)
                counts[min(Self.bins - 1, place)] += 1
            }
        }
        return counts.enumerated().map {
            SamplerStatistic(step: steps.upperBound, name: "draws", bin: $0.offset, value: Double($0.element))
        }
    }
}
