public import SearchSpaces

extension ShiftSampler {
    /// Counts the subnet of a step.
    public func note(_ genome: Genome, step: Int) {
        let cost = cost(of: genome)
        learned.draws[bins.bin(of: cost)] += 1
        let bin = drawnBin(step: step)
        let distance = bins.width > 0 ? abs(Double(cost) - bins.target(bin)) / bins.width : 0
        if learned.progress?.open != nil {
            let trained = isMasked(step) ? space.largest : genome
            learned.progress?.note(bin, multiplyAdds: space.cost(of: trained).multiplyAdds)
        }
        learned.distance += distance
        if distance <= 0.5 { learned.hits += 1 }
    }

    /// What was counted and learned since ``forgetStatistics()``.
    public func statistics(of steps: Range<Int>) -> [SamplerStatistic] {
        let step = steps.upperBound
        let count = Double(max(1, learned.draws.reduce(0, +)))
        let draws = learned.draws.enumerated().map {
            SamplerStatistic(step: step, name: "draws", bin: $0.offset, value: Double($0.element))
        }
        let wholes = [
            ("generatorError", learned.distance / count), ("generatorHits", Double(learned.hits) / count),
            ("temperature", temperature(step)),
        ]
        // What nobody else can reckon.
        let targets = (measured?.targets ?? []).enumerated().map {
            SamplerStatistic(step: step, name: "binTarget", bin: $0.offset, value: $0.element)
        }
        return learned.statistics + draws + targets
            + wholes.map { SamplerStatistic(step: step, name: $0.0, bin: 0, value: $0.1) }
    }

    /// Begins to count anew.
    public func forgetStatistics() {
        learned.draws = [Int](repeating: 0, count: bins.count)
        learned.hits = 0
        learned.distance = 0
        learned.statistics = []
    }
}
