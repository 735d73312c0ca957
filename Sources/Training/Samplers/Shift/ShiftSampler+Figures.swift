internal import SearchSpaces

extension ShiftSampler {
    /// Counts the subnet of a step.
    func note(_ genome: Genome, step: Int) {
        let cost = space.cost(of: genome, by: bins.metric)
        state.draws[bins.bin(of: cost)] += 1
        let distance = bins.width > 0 ? abs(Double(cost) - bins.target(drawnBin(step: step))) / bins.width : 0
        state.distance += distance
        if distance <= 0.5 { state.hits += 1 }
    }

    /// What was counted and learned since ``forgetFigures()``, as of a step.
    public func figures(step: Int) -> [SamplerFigure] {
        let count = Double(max(1, state.draws.reduce(0, +)))
        let draws = state.draws.enumerated().map {
            SamplerFigure(step: step, name: "draws", bin: $0.offset, value: Double($0.element))
        }
        let wholes = [
            ("generatorError", state.distance / count), ("generatorHits", Double(state.hits) / count),
            ("temperature", temperature(step)),
        ]
        return state.figures + draws + wholes.map { SamplerFigure(step: step, name: $0.0, bin: 0, value: $0.1) }
    }

    /// Begins to count anew.
    public func forgetFigures() {
        state.draws = [Int](repeating: 0, count: bins.count)
        state.hits = 0
        state.distance = 0
        state.figures = []
    }
}
