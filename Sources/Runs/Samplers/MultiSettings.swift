internal import Documents
public import SearchSpaces

/// A subnet of its own for each shard of a step.
public struct MultiSettings: SamplerSettings {
    /// What is drawn uniformly.
    public enum Draw: String, Sendable, Hashable, CaseIterable {
        /// Every decision.
        case decisions
        /// The bin of cost, and within it every decision.
        case bins
    }

    /// What is drawn uniformly; default `decisions`.
    public let draw: Draw
    /// Whether two shards of each step train the largest and the smallest subnet; default no.
    public let hasEnds: Bool

    init(_ reader: SectionReader) {
        draw = reader.word("draw", default: .decisions, standIn: .decisions)
        hasEnds = reader.flag("ends", default: false)
    }

    public var kind: String { "multi" }
    public var drawsForShards: Bool { true }

    public func multiplyAdds(smallest: Double, mean: Double, largest: Double) -> Double { mean }

    /// Whether the space's costs can be counted, where bins are drawn.
    public func check(in space: SearchSpace) throws(RunError) {
        guard draw == .bins, !CostDistribution.counts(space, by: bins.metric) else { return }
        throw .unfitSetting(
            key: "train.sampler.draw",
            reason: "the space '\(space.name)' has too many combinations to draw by bins of cost",
            remedy: "write decisions")
    }

    public var resolvedKeys: [(key: String, value: String)] { [("draw", draw.rawValue), ("ends", "\(hasEnds)")] }
}
