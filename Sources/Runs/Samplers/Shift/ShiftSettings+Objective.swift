internal import Documents
public import SearchSpaces

extension ShiftSettings {
    /// What the mean loss of the estimator `progress` is over.
    public enum Objective: Sendable, Hashable {
        /// The bins, alike.
        case equal
        /// The bins, each with a weight of its own.
        case weights([Double])
        /// Costs that somebody will deploy at, alike: each counts in its bin.
        case budgets([Int])
    }

    /// Reads what the mean loss is over.
    static func objective(_ reader: SectionReader, bins: Int, _ estimator: Estimator) -> Objective {
        /// The list of a key; nil where it is absent or wrong.
        func numbers(_ key: String, _ expected: String, in range: Range<Double>) -> [Double]? {
            let list = reader.optional(key) { reader.list(key, isRequired: true, expected: expected) }
            let item = reader.path("\(key)[]")
            reader.collector.note(item, .number(range.lowerBound...range.upperBound, excludingLowest: false))
            reader.collector.note(item, .scaled)
            guard let list else { return nil }
            if estimator != .progress {
                reader.report(
                    "expected no \(key) with estimator \(estimator.rawValue)", key: key, hint: "or write progress")
            }
            let values = list.map { SectionReader.scalarText($0).flatMap(ShortNumber.value) ?? .nan }
            guard let wrong = values.firstIndex(where: { !range.contains($0) }) else {
                if values.isEmpty { reader.report("expected \(expected), found none", key: key) }
                return values.isEmpty ? nil : values
            }
            reader.report("expected \(expected), found \(list[wrong].kindText)", key: key)
            return nil
        }
        let weights = numbers("weights", "a list of numbers from 0 to below 1000000, one for each bin", in: 0..<1e6)
        let budgets = numbers("budgets", "a list of costs from 1 to below 1e15", in: 1..<1e15)
        if let weights {
            if weights.count != bins {
                reader.report("expected \(bins) weights, one for each bin, found \(weights.count)", key: "weights")
            }
            if !weights.contains(where: { $0 > 0 }) {
                reader.report("expected a weight above 0, found none", key: "weights")
            }
            if budgets != nil {
                reader.report("expected weights or budgets, found both", key: "budgets")
            }
            return .weights(weights)
        }
        return budgets.map { .budgets($0.map { Int($0.rounded(.down)) }) } ?? .equal
    }

    /// How many bins may have a weight.
    var weighedBins: Int {
        switch objective {
        case .equal: binCount
        case .weights(let weights): weights.count { $0 > 0 }
        case .budgets(let costs): min(binCount, Set(costs).count)
        }
    }

    /// The weight of each bin in the mean loss; they sum to 1.
    ///
    /// - Parameter shares: Of the architectures in each bin; nil where they cannot be counted. What is within a budget whose
    ///   own bin has none is in the next cheaper bin that has some.
    public func weights(of bins: CostBins, shares: [Double]?) -> [Double] {
        var weights = [Double](repeating: 0, count: bins.count)
        switch objective {
        case .equal: weights = weights.map { _ in 1 }
        case .weights(let own): weights = own
        case .budgets(let costs):
            for cost in costs {
                let bin = bins.bin(of: cost)
                weights[(0...bin).last { (shares?[$0] ?? 1) > 0 } ?? bin] += 1
            }
        }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// Whether some architecture is within every budget, and in every bin that has a weight.
    func checkObjective(in space: SearchSpace) throws(RunError) {
        let least = space.costRange(by: metric)?.lowerBound ?? 0
        switch objective {
        case .equal: break
        case .budgets(let costs):
            guard let cost = costs.min(), cost < least else { break }
            throw .unfitSetting(
                key: "train.sampler.budgets", reason: "no architecture of the space has \(metric) of at most \(cost)",
                remedy: "write costs of at least \(least)")
        case .weights(let weights):
            guard CostDistribution.counts(space, by: metric) else { break }
            let bins = CostBins(space, count: binCount, metric: metric)
            let shares = CostDistribution(space, bins: bins, most: Self.mostCosts).uniformShares
            guard let empty = zip(weights, shares).enumerated().first(where: { $1.0 > 0 && $1.1 == 0 }) else { break }
            throw .unfitSetting(
                key: "train.sampler.weights",
                reason: "bin \(empty.offset + 1) of \(binCount) has a weight, and the space '\(space.name)' has no "
                    + "architecture in it",
                remedy: "write 0 for it, or fewer bins")
        }
    }

    /// Costs that are told apart to see which bins have architectures.
    private static let mostCosts = 1 << 18
}
