internal import Documents
public import SearchSpaces

/// The sampler `shift`: bins of cost with learned probabilities, and a generator of architectures for each.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023). Defaults are for runs of
/// thousands of steps; the paper's own numbers would leave the probabilities where they start.
public struct ShiftSettings: SamplerSettings {
    /// How a bin's probability follows the losses of its subnets.
    public enum Estimator: String, Sendable, Hashable, CaseIterable {
        /// The loss change of every bin, held against their expectation.
        case expected
        /// The paper's difference of two gradients through the generator, at the weights of now and of the last update.
        case literal
        /// The loss change of one drawn bin, held against a running mean.
        case sampled
        /// What a multiply-add spent on a bin does for the mean loss over bins, from windows of steps that do not overlap,
        /// shrunk by its standard error.
        case progress
    }

    /// Where a bin's architectures come from.
    public enum Generator: String, Sendable, Hashable, CaseIterable {
        /// A recurrent network that learns from the task's loss and the cost.
        case lstm
        /// Uniform draws, given that the cost is in the bin.
        case table
    }

    /// Number of bins; default 8.
    public let binCount: Int
    /// The cost that bins divide; default multiplyAdds. Where a worker trains, it may be a metric that this measures.
    public let metric: Metric
    /// Architectures that a worker measures before it trains, where the space cannot count the metric; default 100.
    public let measuredCount: Int
    /// Whether a worker can measure the metric.
    let isMeasurable: Bool
    /// The generator; default lstm.
    public let generator: Generator
    /// The estimator; default expected.
    public let estimator: Estimator
    /// Steps from one update of the probabilities to the next; default a sixtieth of the training, at least 20, and with
    /// `progress` so many that measuring takes a twelfth of what training does at most.
    public let period: Int
    /// Steps before the first measurement; default a tenth of the training.
    public let warm: Int
    /// Rate of the probabilities' Adam, about the logits that an update moves; 0 leaves them equal; default 0.06.
    public let rate: Double
    /// Measurements that the estimator `expected` fits a loss's slope over, each subnet held against itself; default 10, or
    /// half of those there are if that is less.
    public let window: Int
    /// Subnets of a bin that are measured at a time, begun one after the other; default 2.
    public let panels: Int
    /// Windows that the estimator `progress` goes by, the latest; default 64.
    public let memory: Int
    /// By how much `progress` draws half of the bins more often in a window and the others less, by chance; default 0.5.
    public let contrast: Double
    /// The least probability that `progress` leaves a bin, in shares of an equal one; default 0.2.
    public let floor: Double
    /// What the mean loss of `progress` is over.
    public let objective: Objective
    /// Held-out examples that an update measures on, in whole chunks of 32; the estimator `literal` takes a batch;
    /// default 128.
    public let samples: Int
    /// Every how many steps the network runs at full width under masks, from which the generator learns; default 4.
    public let maskedEvery: Int
    /// Weight of the squared distance from the target cost, in hundredths of the range of costs; default 1.
    public let costWeight: Double
    /// Weight of the entropy that keeps the generator from collapsing; default 0.1.
    public let entropyWeight: Double
    /// Rate of the generator's Adam in the first step, which falls to 0 along half a cosine; default 0.01.
    public let generatorRate: Double
    /// Softness of the generator's gradients in the first step; default 1.
    public let temperatureStart: Double
    /// Softness of the generator's gradients in the last step; default 0.3.
    public let temperatureEnd: Double
    /// Random targets on which the generator learns from the cost alone in each step at full width; default 8.
    ///
    /// The paper has none. A run of thousands of steps has only hundreds at full width, too few to hold a target.
    public let costTargets: Int

    private static let usualMeasuredCount = 100

    init(_ reader: SectionReader, _ surroundings: Samplers.Surroundings) {
        let (steps, batch, measurable) = (surroundings.steps, surroundings.batch, surroundings.metrics)
        reader.describe([
            "bins": "number of bins of cost",
            "metric": "the cost that bins divide, or a metric that the worker which trains measures",
            "measured":
                "architectures that a worker measures before it trains, where the space cannot count the metric",
            "generator": "where a bin's architectures come from: a network that learns, or uniform draws given the bin",
            "estimator": "how a bin's probability follows the losses of its subnets",
            "samples": "held-out examples that an update measures on",
            "period": "steps from one update of the probabilities to the next",
            "warm": "steps before the first measurement",
            "rate": "about the logits that an update moves; 0 leaves all bins equal",
            "window": "measurements that the estimator expected fits a slope over",
            "panels": "subnets of a bin that the estimator expected measures at a time; at most the window",
            "memory": "windows that the estimator progress goes by",
            "contrast": "by how much the estimator progress draws half of the bins more often in a window",
            "floor": "least probability that the estimator progress leaves a bin, in equal shares",
            "weights": "weight of each bin in the mean loss of the estimator progress",
            "weights[]": "a weight from 0",
            "budgets": "costs that somebody will deploy at, for the mean loss of the estimator progress",
            "budgets[]": "a cost, such as 20M",
            "joint": "every how many steps the network runs at full width under masks",
            "costWeight": "weight of the distance from the target cost in the generator's loss",
            "entropyWeight": "weight of the entropy in the generator's loss",
            "generatorRate": "rate of the generator's Adam in the first step",
            "temperature": "softness of the generator's gradients",
            "temperature.start": "in the first step",
            "temperature.end": "in the last step",
            "costTargets": "random targets on which the generator also learns from the cost alone in each joint step",
        ])
        binCount = reader.integer("bins", default: 8, in: 1...256)
        let costs = CostBudget.known
        metric = reader.metric(
            "metric", among: costs + measurable.filter { !costs.contains($0) }, default: .multiplyAdds)
        // Which metrics there are is the evaluator's to say.
        reader.collector.note(reader.path("metric"), .text)
        isMeasurable = measurable.contains(metric)
        measuredCount = reader.integer("measured", default: Self.usualMeasuredCount, in: 10...1000)
        generator = reader.word("generator", default: .lstm, standIn: .lstm)
        estimator = reader.word("estimator", default: .expected, standIn: .expected)
        samples = reader.integer("samples", default: 128, in: 1...10_000_000)
        let frequent = max(20, steps / 60)
        period = reader.integer(
            "period",
            default: estimator == .progress
                ? max(frequent, Self.leastPeriod(bins: binCount, samples: samples, batch: batch)) : frequent,
            in: 1...1_000_000_000)
        warm = reader.integer("warm", default: steps / 10, in: 0...1_000_000_000)
        rate = reader.number("rate", default: 0.06, in: 0...10)
        let measurements = (steps - min(warm, steps)) / period
        window = reader.integer("window", default: min(10, max(1, measurements / 2)), in: 1...1000)
        panels = reader.integer("panels", default: min(2, window), in: 1...window)
        memory = reader.integer("memory", default: 64, in: 8...1000)
        contrast = reader.number("contrast", default: 0.5, in: 0...0.5)
        floor = reader.number("floor", default: 0.2, in: 0...1)
        objective = Self.objective(reader, bins: binCount, estimator)
        maskedEvery = reader.integer("joint", default: 4, in: 1...1_000_000_000)
        costWeight = reader.number("costWeight", default: 1, in: 0...1e6)
        entropyWeight = reader.number("entropyWeight", default: 0.1, in: 0...1e6)
        generatorRate = reader.number("generatorRate", default: 0.01, in: 0...10)
        let temperature = reader.section("temperature")
        temperatureStart = temperature.number("start", default: 1, in: 0.01...100)
        temperatureEnd = temperature.number("end", default: 0.3, in: 0.01...100)
        temperature.finish()
        costTargets = reader.integer("costTargets", default: 8, in: 0...1024)
        // Losses are kept chunk by chunk in the header of checkpoints, which readers take up to some size.
        let chunks = Double(max(1, samples / 32))
        let windows = Double(binCount) * (3 * Double(memory) + 2 * chunks)
        if estimator == .progress, windows > 1e6 {
            reader.report(
                "expected bins times (3 memory + samples / 16) of at most 1000000, found \(Int(windows))",
                key: reader.has("samples") ? "samples" : reader.has("memory") ? "memory" : "bins")
        }
        let kept = Double(panels) * Double(window) * Double(binCount) * chunks
        if estimator == .expected, kept > 1e6 {
            reader.report(
                "expected panels times window times bins times samples / 32 of at most 1000000, found \(Int(kept))",
                key: reader.has("samples") ? "samples" : reader.has("window") ? "window" : "panels")
        }
        if generator == .table, estimator == .literal {
            reader.report(
                "expected expected, sampled or progress with generator table, found 'literal'", key: "estimator")
        }
    }

    /// Steps between updates of `progress` at least, so that what it measures takes a twelfth of what trains: two forward passes
    /// of a subnet of each bin, and forward and backward of a subnet in each step.
    private static func leastPeriod(bins: Int, samples: Int, batch: Int) -> Int {
        Int((12 * 2 * Double(bins) * Double(samples) / (3 * Double(batch))).rounded(.up))
    }

    public var kind: String { "shift" }
    public var heldOutSamples: Int { rate > 0 ? samples : 0 }
    public var withoutHeldOut: String? { rate > 0 ? "train.sampler.rate 0" : nil }
    public var bins: (count: Int, metric: Metric) { (binCount, metric) }
    public var hasMaskedPasses: Bool { generator == .lstm }
    public var keepsWeights: Bool { rate > 0 && estimator == .literal }
    /// The recurrent generator learns by masks at full width.
    public var beyondWorkers: (key: String, remedy: String)? {
        generator == .table ? nil : ("generator", "write \(Generator.table.rawValue)")
    }

    /// Its bins are of a cost that the space has, and a table can be made of them.
    public func check(in space: SearchSpace) throws(RunError) {
        guard measured(in: space) == nil else { return try checkMeasured(in: space) }
        guard space.costs.contains(metric) else {
            let others = space.costs.filter { $0.accumulation == .sum }.map(\.name).joined(separator: " or ")
            throw .unfitSetting(
                key: "train.sampler.metric", reason: "the space '\(space.name)' has no cost \(metric)",
                remedy: others.isEmpty
                    ? "choose another sampler, or a metric that the worker which trains measures"
                    : "write \(others), or choose another sampler")
        }
        try checkObjective(in: space)
        guard generator != .table || CostDistribution.counts(space, by: metric) else {
            throw .unfitSetting(
                key: "train.sampler.generator",
                reason: "the choices of the space '\(space.name)' add up in too many ways for a table",
                remedy: "write \(Generator.lstm.rawValue)")
        }
    }

    /// The largest subnet is trained beside the drawn one.
    public var teacherPasses: Int { 3 }

    /// A step at full width costs what the largest subnet does, any other what a draw of its bin does.
    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double {
        let drawn = meanDraw(costs)
        return hasMaskedPasses ? drawn + (costs.largest - drawn) / Double(maskedEvery) : drawn
    }

    /// What a subnet costs with bins of equal shares, as they are at first: what they become is learned.
    private func meanDraw(_ costs: SubnetCosts) -> Double {
        generator == .table
            ? costs.meanOfBins(binCount, by: metric, others: .nearest) : (costs.smallest + costs.largest) / 2
    }

    /// Every visit measures the subnets that are kept and those that it begins to keep.
    public func measuring(_ costs: SubnetCosts, steps: Int, batch: Int, heldOut: Int) -> Double {
        guard rate > 0, steps > 0 else { return 0 }
        // The first is after step `warm`, and none before the first step.
        let visits = steps >= warm ? (steps - warm) / period + (warm == 0 ? 0 : 1) : 0
        let examples = min(samples, heldOut)
        let whole = Double(examples < 32 ? examples : examples / 32 * 32)
        switch estimator {
        case .literal:
            // Forward and backward at full width under the weights of now and of the visit before.
            return Double(max(0, visits - 1)) * 2 * 3 * costs.largest * Double(batch)
        case .sampled: return Double(max(0, 2 * visits - 1)) * whole * meanDraw(costs)
        case .expected: return Double(binCount) * measurements(visits: visits) * whole * meanDraw(costs)
        case .progress:
            // Of each bin that counts a subnet before a window of steps, and the same after it.
            return Double(max(0, 2 * visits - 1)) * Double(weighedBins) * whole * meanDraw(costs)
        }
    }

    /// How often a panel is measured in so many visits: when it begins, and in ``window`` further ones.
    private func measurements(visits: Int) -> Double {
        guard visits > 0 else { return 0 }
        let interval = (window + panels - 1) / panels
        // Panels begin at visits 0, interval, 2 interval …; those that there is time for are measured to their end.
        let whole = visits > window ? (visits - 1 - window) / interval + 1 : 0
        let begun = (visits - 1) / interval + 1
        return Double(whole) * Double(window + 1)
            + (whole..<begun).reduce(0) { $0 + Double(visits - $1 * interval) }
    }

    public var resolvedKeys: [(key: String, value: String)] { usualKeys + (estimator == .progress ? progressKeys : []) }

    /// Those of the estimator `progress`, which run files of earlier versions have not.
    private var progressKeys: [(key: String, value: String)] {
        let keys = [
            ("memory", String(memory)), ("contrast", ShortNumber.text(contrast)), ("floor", ShortNumber.text(floor)),
        ]
        return switch objective {
        case .equal: keys
        case .weights(let weights):
            keys + [("weights", "[\(weights.map(ShortNumber.text).joined(separator: ", "))]")]
        case .budgets(let costs): keys + [("budgets", "[\(costs.map(String.init).joined(separator: ", "))]")]
        }
    }

    private var usualKeys: [(key: String, value: String)] {
        // A count that means nothing is not told, so that files of earlier versions stay as they were.
        let isTold = measuredCount != Self.usualMeasuredCount || !CostBudget.known.contains(metric)
        return [
            ("bins", String(binCount)), ("metric", metric.name),
        ] + (isTold ? [("measured", String(measuredCount))] : []) + [
            ("generator", generator.rawValue),
            ("estimator", estimator.rawValue), ("period", String(period)), ("warm", String(warm)),
            ("rate", ShortNumber.text(rate)), ("window", String(window)), ("panels", String(panels)),
            ("samples", String(samples)), ("joint", String(maskedEvery)), ("costWeight", ShortNumber.text(costWeight)),
            ("entropyWeight", ShortNumber.text(entropyWeight)), ("generatorRate", ShortNumber.text(generatorRate)),
            ("temperature.start", ShortNumber.text(temperatureStart)),
            ("temperature.end", ShortNumber.text(temperatureEnd)), ("costTargets", String(costTargets)),
        ]
    }
}
