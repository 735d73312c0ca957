internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets

/// The charts of a run: how its training went, what its sampler learned, how its subnets fared bin by bin, and its fronts.
struct RunCharts {
    let store: RunReader
    let run: StoredRun
    let specification: RunSpecification
    let space: SearchSpace
    private let metrics: RunMetrics
    private let training: [TrainingRecord]
    private let figures: [SamplerStatistic]
    /// The bins that draws are told in; nil where nothing is trained.
    private let bins: CostBins?
    /// What architectures in the middle of each bin have, where that was measured and no space knows it; otherwise empty.
    private let measuredTargets: [Double]

    init(store: RunReader, run: StoredRun) throws {
        self.store = store
        self.run = run
        specification = try run.specification()
        space = try run.space()
        metrics = try run.metrics()
        training = try store.trainingRecords(run.id, spread: Self.mostPoints)
        figures = try store.allSamplerStatistics(run.id)
        measuredTargets = figures.binTargets
        if let sampler = specification.sampler {
            bins = CostBins(space, of: sampler)
        } else {
            bins = nil
        }
    }

    /// The charts for which there is anything to show.
    func charts() throws -> [SVGChart] {
        var all = [course("loss", \.loss), course("learning rate", \.learningRate)]
        if let bins {
            all += [draws(bins), probabilities(bins), lines("heldOutLoss", "held-out loss by bin", "loss", bins)]
            all += [generator()] + routers() + [try bests(bins)]
        }
        let fronts = try fronts()
        all += [fronts.isDrawn ? fronts : try bestSoFar(), try volumes()] + gap()
        return all.filter(\.isDrawn)
    }

    /// A metric on an axis, with its unit where its name does not say it.
    private static func name(_ metric: Metric) -> String {
        let isSaid = metric.unit.isEmpty || metric.name.lowercased().hasSuffix(metric.unit.lowercased())
        return isSaid ? metric.name : "\(metric.name) (\(metric.unit))"
    }

    /// Points of a line at most: more are finer than a line is wide.
    private static let mostPoints = 2000

    private func course(_ name: String, _ value: (TrainingRecord) -> Double) -> SVGChart {
        SVGChart(
            title: "\(name) of training", xName: "step", yName: name,
            series: [.init(name: name, points: training.map { (Double($0.step), value($0)) })])
    }

    private func name(of bin: Int, _ bins: CostBins) -> String {
        if bin < measuredTargets.count { return String(format: "%.3g", measuredTargets[bin]) }
        let target = bins.target(bin)
        return target >= 1e6 ? "\((target / 1e5).rounded() / 10)M" : "\((target / 100).rounded() / 10)k"
    }

    private func points(_ name: String, bin: Int) -> [(x: Double, y: Double)] {
        figures.filter { $0.name == name && $0.bin == bin }.map { (Double($0.step), $0.value) }
    }

    /// The share of every bin in what was drawn from one milestone to the next.
    private func draws(_ bins: CostBins) -> SVGChart {
        let counts = (0..<bins.count).map { points("draws", bin: $0) }
        let totals = counts.first?.indices.map { index in counts.map { $0[index].y }.reduce(0, +) } ?? []
        let shares = counts.map { zip($0, totals).map { ($0.x, $1 > 0 ? $0.y / $1 : 0) } }
        return stacked("draws by bin of \(bins.metric.name)", bins, shares)
    }

    private func probabilities(_ bins: CostBins) -> SVGChart {
        stacked("learned probability of each bin", bins, (0..<bins.count).map { points("probability", bin: $0) })
    }

    private func stacked(_ title: String, _ bins: CostBins, _ shares: [[(x: Double, y: Double)]]) -> SVGChart {
        var base = [Double](repeating: 0, count: shares.first?.count ?? 0)
        var chart = SVGChart(title: title, xName: "step", yName: "share", series: [], yRange: 0...1)
        for (bin, points) in shares.enumerated() where points.count == base.count {
            let top = zip(points, base).map { (x: $0.x, y: $0.y + $1) }
            chart.series.append(.init(name: name(of: bin, bins), points: top, mark: .area(base: base)))
            base = top.map(\.y)
        }
        return chart
    }

    private func lines(_ figure: String, _ title: String, _ yName: String, _ bins: CostBins) -> SVGChart {
        SVGChart(
            title: title, xName: "step", yName: yName,
            series: (0..<bins.count).map { .init(name: name(of: $0, bins), points: points(figure, bin: $0)) })
    }

    private func generator() -> SVGChart {
        let names = [
            ("generatorHits", "within half a bin"), ("generatorError", "distance in bins"),
            ("totalVariation", "total variation"), ("placeboVariation95", "95 % of what chance does"),
        ]
        return SVGChart(
            title: "generator and probabilities", xName: "step", yName: "",
            series: names.map { .init(name: $0.1, points: points($0.0, bin: 0)) }.filter { !$0.points.isEmpty })
    }

    /// How even the routers of a mixture mix, how much they tell architectures apart, how alike its experts have learned, and
    /// what is mixed for the ends of the space.
    private func routers() -> [SVGChart] {
        // What a worker trains has its network elsewhere.
        guard space.hasSupernet, let mixture = space.supernet().mixture else { return [] }
        let names = mixture.sites.map { $0.name.replacing("blocks.", with: "") }
        func chart(_ title: String, _ yName: String, _ figure: String, _ places: [(name: String, bin: Int)]) -> SVGChart
        {
            SVGChart(
                title: title, xName: "step", yName: yName,
                series: places.map { .init(name: $0.name, points: points(figure, bin: $0.bin)) })
        }
        let sites = names.enumerated().map { (name: $0.element, bin: $0.offset) }
        let first = sites.map { (name: $0.name, bin: $0.bin * mixture.settings.experts) }
        return [
            chart("evenness of the mixing, router by router", "entropy / ln m", "routerEntropy", sites),
            chart("mixing weights' variance over architectures", "variance", "routerVariance", sites),
            chart("cosine of what experts have learned", "cosine", "expertMoves", sites),
            chart("weight of the first expert, smallest subnet", "mean weight", "mixingSmallest", first),
            chart("weight of the first expert, largest subnet", "mean weight", "mixingLargest", first),
        ]
    }

    private func bin(of result: CandidateResult, _ bins: CostBins) -> Int {
        guard let value = result.value(of: bins.metric), !measuredTargets.isEmpty else {
            return bins.bin(of: result.candidate.cost[bins.metric] ?? 0)
        }
        return measuredTargets.indices.min { abs(measuredTargets[$0] - value) < abs(measuredTargets[$1] - value) } ?? 0
    }

    /// The best of each bin in each round, by the main metric.
    private func bests(_ bins: CostBins) throws -> SVGChart {
        let main = metrics.main
        var best = [[(x: Double, y: Double)]](repeating: [], count: bins.count)
        for round in try store.rounds(run.id) {
            var top = [Double?](repeating: nil, count: bins.count)
            for result in try store.candidates(run.id, weightsStep: round.weightsStep) {
                guard let value = result.value(of: main.metric) else { continue }
                let bin = bin(of: result, bins)
                top[bin] = main.goal == .maximize ? max(top[bin] ?? value, value) : min(top[bin] ?? value, value)
            }
            for (bin, value) in top.enumerated() {
                if let value { best[bin].append((Double(round.weightsStep), value)) }
            }
        }
        return SVGChart(
            title: "best \(main.metric) of each bin, round by round", xName: "step of the weights",
            yName: Self.name(main.metric),
            series: best.enumerated().map { .init(name: name(of: $0.offset, bins), points: $0.element) })
    }

    /// The best feasible candidate so far by the main metric, in the order of asking, of each round.
    private func bestSoFar() throws -> SVGChart {
        let main = metrics.main, rounds = try store.rounds(run.id)
        return SVGChart(
            title: "best \(main.metric) so far", xName: "candidate", yName: Self.name(main.metric),
            series: try rounds.map { round in
                let values = try store.candidates(run.id, weightsStep: round.weightsStep).compactMap { result in
                    result.violation(of: specification.constraints) == 0
                        ? result.value(of: main.metric).map { (x: Double(result.candidate.number), y: $0) } : nil
                }
                return .init(
                    name: rounds.count > 1 ? "step \(round.weightsStep)" : "best so far",
                    points: Self.best(values, by: main.goal == .maximize ? (>) : (<)), mark: .steps)
            })
    }

    /// The hypervolume after each evaluation, of each round.
    private func volumes() throws -> SVGChart {
        let rounds = Dictionary(grouping: try store.curve(run.id)) { $0.round }.sorted { $0.key < $1.key }
        return SVGChart(
            title: "hypervolume after each evaluation", xName: "evaluation of the round", yName: "hypervolume",
            series: rounds.map { _, points in
                let values = points.enumerated().compactMap { place, point in
                    point.hypervolume.map { (x: Double(place + 1), y: $0) }
                }
                return .init(
                    name: rounds.count > 1 ? "step \(points[0].weightsStep)" : "hypervolume",
                    points: Self.best(values, by: >), mark: .steps)
            })
    }

    /// The points at which the best so far changes, and the last.
    static func best(
        _ values: [(x: Double, y: Double)], by isBetter: (Double, Double) -> Bool
    ) -> [(x: Double, y: Double)] {
        var points: [(x: Double, y: Double)] = []
        for value in values {
            guard let best = points.last?.y else {
                points.append(value)
                continue
            }
            if isBetter(value.y, best) { points.append(value) }
        }
        if let best = points.last, let end = values.last, end.x > best.x { points.append((end.x, best.y)) }
        return points
    }

    /// Inherited and stand-alone losses of the subnets of a gap study, newest weights.
    private func gap() -> [SVGChart] {
        // A file that is damaged is told by nasd gap; the other charts do not depend on it.
        let records = (try? GapFile.read(GapFile.path(store.directory, run.id)))?.records ?? []
        let newest = records.map(\.weightsStep).max()
        let own = records.filter { $0.weightsStep == newest }.sorted { $0.multiplyAdds < $1.multiplyAdds }
        func series(_ name: String, _ value: (GapRecord) -> Double) -> SVGChart.Series {
            .init(name: name, points: own.map { (x: Double($0.multiplyAdds), y: value($0)) })
        }
        return [
            SVGChart(
                title: "subnets with inherited weights and trained alone", xName: "multiply-adds",
                yName: "validation loss",
                series: [series("inherited", \.inheritedLoss), series("alone", \.standaloneLoss)]),
            SVGChart(
                title: "gap by size", xName: "multiply-adds", yName: "inherited - alone",
                series: [series("gap", \.gap)]),
        ]
    }

    /// The main metric over what is paid in, or else another objective, of every round's front by these two.
    private func fronts() throws -> SVGChart {
        let main = metrics.main
        let objectives = specification.objectives
        let price = metrics.price(of: objectives).flatMap {
            $0 == main.metric ? nil : Objective(metric: $0, goal: .minimize)
        }
        let other =
            objectives.first { $0.metric == price?.metric } ?? price ?? objectives.first { $0.metric != main.metric }
        guard let other else { return SVGChart(title: "", xName: "", yName: "", series: []) }
        return SVGChart(
            title: "front of each round", xName: Self.name(other.metric), yName: Self.name(main.metric),
            series: try store.rounds(run.id).map { round in
                let members = try store.front(
                    run.id, weightsStep: round.weightsStep, objectives: [main.withoutNoise, other.withoutNoise],
                    constraints: specification.constraints)
                let points = members.compactMap { result -> (x: Double, y: Double)? in
                    guard let x = result.value(of: other.metric) else { return nil }
                    return result.value(of: main.metric).map { (x: x, y: $0) }
                }
                return .init(
                    name: "step \(round.weightsStep)", points: points.sorted { $0.x < $1.x }, mark: .steps)
            })
    }
}
