internal import SearchSpaces
internal import Store

/// The charts of a run: what its sampler learned, how its subnets fared bin by bin, and its fronts.
struct RunCharts {
    let store: RunReader
    let run: StoredRun
    let specification: RunSpecification
    let space: SearchSpace
    private let figures: [SamplerStatistic]
    private let bins: CostBins

    init(store: RunReader, run: StoredRun) throws {
        self.store = store
        self.run = run
        specification = try RunSpecification.parse(yaml: run.draft.runYAML, file: "run \(run.id)")
        space = try SearchSpace.parse(yaml: run.draft.spaceYAML, file: "space of run \(run.id)")
        figures = try store.allSamplerStatistics(run.id)
        bins = CostBins(space, of: specification.train.sampler)
    }

    /// The charts for which there is anything to show.
    func charts() throws -> [SVGChart] {
        var all = [draws(), probabilities(), lines("heldOutLoss", "held-out loss by bin", "loss"), generator()]
        all += [try accuracies(), try fronts()]
        return all.filter { $0.series.contains { !$0.points.isEmpty } }
    }

    private func name(of bin: Int) -> String {
        let target = bins.target(bin)
        return target >= 1e6 ? "\((target / 1e5).rounded() / 10)M" : "\((target / 100).rounded() / 10)k"
    }

    private func points(_ name: String, bin: Int) -> [(x: Double, y: Double)] {
        figures.filter { $0.name == name && $0.bin == bin }.map { (Double($0.step), $0.value) }
    }

    /// The share of every bin in what was drawn from one milestone to the next.
    private func draws() -> SVGChart {
        let counts = (0..<bins.count).map { points("draws", bin: $0) }
        let totals = counts.first?.indices.map { index in counts.map { $0[index].y }.reduce(0, +) } ?? []
        let shares = counts.map { zip($0, totals).map { ($0.x, $1 > 0 ? $0.y / $1 : 0) } }
        return stacked("draws by bin of \(bins.metric.rawValue)", shares)
    }

    private func probabilities() -> SVGChart {
        stacked("learned probability of each bin", (0..<bins.count).map { points("probability", bin: $0) })
    }

    private func stacked(_ title: String, _ shares: [[(x: Double, y: Double)]]) -> SVGChart {
        var base = [Double](repeating: 0, count: shares.first?.count ?? 0)
        var chart = SVGChart(title: title, xName: "step", yName: "share", series: [], yRange: 0...1)
        for (bin, points) in shares.enumerated() where points.count == base.count {
            let top = zip(points, base).map { (x: $0.x, y: $0.y + $1) }
            chart.series.append(.init(name: name(of: bin), points: top, mark: .area(base: base)))
            base = top.map(\.y)
        }
        return chart
    }

    private func lines(_ figure: String, _ title: String, _ yName: String) -> SVGChart {
        SVGChart(
            title: title, xName: "step", yName: yName,
            series: (0..<bins.count).map { .init(name: name(of: $0), points: points(figure, bin: $0)) })
    }

    private func generator() -> SVGChart {
        let names = [
            ("generatorHits", "within half a bin"), ("generatorError", "distance in bins"),
            ("totalVariation", "total variation"),
        ]
        return SVGChart(
            title: "generator and probabilities", xName: "step", yName: "",
            series: names.map { .init(name: $0.1, points: points($0.0, bin: 0)) })
    }

    /// The best accuracy of each bin in each round.
    private func accuracies() throws -> SVGChart {
        var best = [[(x: Double, y: Double)]](repeating: [], count: bins.count)
        for round in try store.rounds(run.id) {
            var top = [Double?](repeating: nil, count: bins.count)
            for result in try store.candidates(run.id, weightsStep: round.weightsStep) {
                guard let accuracy = result.value(of: .accuracy) else { continue }
                let bin = bins.bin(of: result.candidate.cost[bins.metric])
                top[bin] = max(top[bin] ?? 0, accuracy)
            }
            for (bin, value) in top.enumerated() {
                if let value { best[bin].append((Double(round.weightsStep), value)) }
            }
        }
        return SVGChart(
            title: "best accuracy of each bin, round by round", xName: "step of the weights", yName: "accuracy",
            series: best.enumerated().map { .init(name: name(of: $0.offset), points: $0.element) })
    }

    /// Accuracy over multiply-adds of every round's front.
    private func fronts() throws -> SVGChart {
        let objectives = [
            Objective(metric: .accuracy, goal: .maximize), Objective(metric: .multiplyAdds, goal: .minimize),
        ]
        return SVGChart(
            title: "front of each round", xName: "multiply-adds", yName: "accuracy",
            series: try store.rounds(run.id).map { round in
                let members = try store.front(
                    run.id, weightsStep: round.weightsStep, objectives: objectives,
                    constraints: specification.search.constraints)
                let points = members.compactMap { result in
                    result.value(of: .accuracy).map { (x: Double(result.candidate.cost.multiplyAdds), y: $0) }
                }
                return .init(
                    name: "step \(round.weightsStep)", points: points.sorted { $0.x < $1.x }, mark: .steps)
            })
    }
}
