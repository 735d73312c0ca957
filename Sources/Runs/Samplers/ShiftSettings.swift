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
    /// The cost that bins divide; default multiplyAdds.
    public let metric: Metric
    /// The generator; default lstm.
    public let generator: Generator
    /// The estimator; default expected.
    public let estimator: Estimator
    /// Steps from one update of the probabilities to the next; default a sixtieth of the training, at least 20.
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

    init(_ reader: SectionReader, steps: Int) {
        binCount = reader.integer("bins", default: 8, in: 1...256)
        metric = reader.metric("metric", among: CostBudget.known, default: .multiplyAdds)
        generator = reader.word("generator", default: .lstm, standIn: .lstm)
        estimator = reader.word("estimator", default: .expected, standIn: .expected)
        period = reader.integer("period", default: max(20, steps / 60), in: 1...1_000_000_000)
        warm = reader.integer("warm", default: steps / 10, in: 0...1_000_000_000)
        rate = reader.number("rate", default: 0.06, in: 0...10)
        let measurements = (steps - min(warm, steps)) / period
        window = reader.integer("window", default: min(10, max(1, measurements / 2)), in: 1...1000)
        panels = reader.integer("panels", default: min(2, window), in: 1...window)
        samples = reader.integer("samples", default: 128, in: 1...10_000_000)
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
        let kept = Double(panels) * Double(window) * Double(binCount) * Double(max(1, samples / 32))
        if estimator == .expected, kept > 1e6 {
            reader.report(
                "expected panels times window times bins times samples / 32 of at most 1000000, found \(Int(kept))",
                key: reader.has("samples") ? "samples" : reader.has("window") ? "window" : "panels")
        }
        if generator == .table, estimator == .literal {
            reader.report("expected expected or sampled with generator table, found 'literal'", key: "estimator")
        }
    }

    public var kind: String { "shift" }
    public var heldOutSamples: Int { rate > 0 ? samples : 0 }
    public var withoutHeldOut: String? { rate > 0 ? "train.sampler.rate 0" : nil }
    public var bins: (count: Int, metric: Metric) { (binCount, metric) }
    public var hasMaskedPasses: Bool { generator == .lstm }
    public var keepsWeights: Bool { rate > 0 && estimator == .literal }
    public var learnedCost: Metric? { generator == .lstm ? metric : nil }

    /// Its bins are of a cost that the space has, and a table can be made of them.
    public func check(in space: SearchSpace) throws(RunError) {
        guard space.costs.contains(metric) else {
            let others = space.costs.filter { $0.accumulation == .sum }.map(\.name).joined(separator: " or ")
            throw .unfitSetting(
                key: "train.sampler.metric", reason: "the space '\(space.name)' has no cost \(metric)",
                remedy: others.isEmpty ? "choose another sampler" : "write \(others), or choose another sampler")
        }
        guard generator != .table || CostDistribution.counts(space, by: metric) else {
            throw .unfitSetting(
                key: "train.sampler.generator",
                reason: "the choices of the space '\(space.name)' add up in too many ways for a table",
                remedy: "write \(Generator.lstm.rawValue)")
        }
    }

    /// Bins have equal shares at first; a step at full width costs what the largest subnet does.
    public func multiplyAdds(smallest: Double, mean: Double, largest: Double) -> Double {
        let middle = (largest + smallest) / 2
        return middle + middle / Double(maskedEvery)
    }

    public var resolvedKeys: [(key: String, value: String)] {
        [
            ("bins", String(binCount)), ("metric", metric.name), ("generator", generator.rawValue),
            ("estimator", estimator.rawValue), ("period", String(period)), ("warm", String(warm)),
            ("rate", ShortNumber.text(rate)), ("window", String(window)), ("panels", String(panels)),
            ("samples", String(samples)), ("joint", String(maskedEvery)), ("costWeight", ShortNumber.text(costWeight)),
            ("entropyWeight", ShortNumber.text(entropyWeight)), ("generatorRate", ShortNumber.text(generatorRate)),
            ("temperature.start", ShortNumber.text(temperatureStart)),
            ("temperature.end", ShortNumber.text(temperatureEnd)), ("costTargets", String(costTargets)),
        ]
    }
}
