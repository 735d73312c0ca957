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

    public var teacherPasses: Int { 1 }

    /// The first shard trains the largest subnet and the second the smallest where there are ends; the others what is drawn.
    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double {
        let drawn = draw == .bins ? costs.meanOfBins(bins.count, by: bins.metric, others: .passedOn) : costs.mean
        guard hasEnds else { return drawn }
        let examples = (1...shards).map { Double(batch * $0 / shards - batch * ($0 - 1) / shards) }
        let kept = zip(examples, [costs.largest, costs.smallest]).map { $0 * $1 }.reduce(0, +)
        return (kept + examples.dropFirst(2).reduce(0, +) * drawn) / Double(batch)
    }

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
