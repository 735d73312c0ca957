internal import Documents
internal import Foundation
public import SearchSpaces

/// A subnet of its own for each shard of a step.
public struct MultiSettings: SamplerSettings {
    /// What is drawn uniformly.
    public enum Draw: String, Sendable, Hashable, CaseIterable {
        /// Every decision, so that the shards of a step have each option equally often, give or take one.
        case even
        /// Every decision, of each shard by itself.
        case decisions
        /// The bin of cost, and within it every decision.
        case bins
    }

    /// What is drawn uniformly; default `even`.
    public let draw: Draw
    /// Whether two shards of each step train the largest and the smallest subnet; default no.
    public let hasEnds: Bool
    /// The share of the other shards that train the most promising of three subnets of one cost; default 0.
    public let best: Double
    /// How often an option is drawn in the first step for each time that the next smaller one is, in every decision with an
    /// order; default 0.25, and 1 with draw `bins`.
    public let lean: Double

    private static let usualLean = 0.25

    init(_ reader: SectionReader) {
        reader.describe([
            "draw":
                "what is drawn uniformly: every decision evenly over the shards of a step, of each shard by itself, or the bin of cost first",
            "lean": "how often an option is drawn in the first step for each time that the next smaller one is",
            "ends": "whether two shards of each step train the largest and the smallest subnet",
            "best": "share of the other shards that train the most promising of three subnets of one cost",
        ])
        draw = reader.word("draw", default: .even, standIn: .even)
        lean = reader.number("lean", default: draw == .bins ? 1 : Self.usualLean, in: 0.01...100)
        if draw == .bins, lean != 1 {
            reader.report("expected 1 with draw bins, found '\(ShortNumber.text(lean))'", key: "lean")
        }
        hasEnds = reader.flag("ends", default: false)
        best = reader.number("best", default: 0, in: 0...1)
    }

    public var kind: String { "multi" }

    /// The lean of a step, which goes evenly in its logarithm to 1, no lean at all, in the last: lean^(1 - t / (T - 1)).
    ///
    /// - Parameters:
    ///   - step: t, from 0.
    ///   - steps: T, of the training; a step beyond them is as the last.
    public func lean(step: Int, of steps: Int) -> Double {
        step < steps - 1 ? pow(lean, 1 - Double(step) / Double(steps - 1)) : 1
    }

    public var drawsForShards: Bool { true }

    /// What options bring is learned after each step, and a worker does many at a time.
    public var beyondWorkers: (key: String, remedy: String)? { best > 0 ? ("best", "write 0") : nil }

    public var teacherPasses: Int { 1 }

    /// The first shard trains the largest subnet and the second the smallest where there are ends; the others what is drawn.
    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double {
        let drawn =
            draw == .bins
            ? costs.meanOfBins(bins.count, by: bins.metric, others: .passedOn) : costs.mean(leanFrom: lean)
        guard hasEnds else { return drawn }
        let examples = (1...shards).map { Double(batch * $0 / shards - batch * ($0 - 1) / shards) }
        let kept = zip(examples, [costs.largest, costs.smallest]).map { $0 * $1 }.reduce(0, +)
        return (kept + examples.dropFirst(2).reduce(0, +) * drawn) / Double(batch)
    }

    /// Whether the space's costs can be counted where draws go by them, and its options where they are learned.
    public func check(in space: SearchSpace) throws(RunError) {
        guard draw == .bins || best > 0 else { return }
        let key = draw == .bins ? "draw" : "best"
        guard CostDistribution.counts(space, by: bins.metric) else {
            throw .unfitSetting(
                key: "train.sampler.\(key)",
                reason: "the space '\(space.name)' has too many combinations to draw by their cost",
                remedy: "write \(draw == .bins ? Draw.even.rawValue : "0")")
        }
        let options = space.decisions.reduce(0) { $0 + $1.options.count }
        guard best == 0 || options <= OptionPredictor.mostOptions else {
            throw .unfitSetting(
                key: "train.sampler.best",
                reason: "the decisions of the space '\(space.name)' have \(options) options, and what "
                    + "\(OptionPredictor.mostOptions) bring can be learned",
                remedy: "write 0")
        }
    }

    public var resolvedKeys: [(key: String, value: String)] {
        [
            ("draw", draw.rawValue), ("ends", "\(hasEnds)"), ("best", ShortNumber.text(best)),
            ("lean", ShortNumber.text(lean)),
        ]
    }
}
