internal import Documents
public import SearchSpaces

/// A subnet of its own for each shard of a step, of the largest options alone until kernels, then depths, then widths open.
public struct ShrinkingSettings: SamplerSettings {
    /// The shares of the steps after which kernels, depths and widths open, ascending; default 0.25, 0.5 and 0.75.
    public let opening: [ElasticDimension: Double]
    /// Whether channels are sorted by how much follows from them, before widths open; default yes.
    public let sortsChannels: Bool

    private static let usual: [ElasticDimension: Double] = [.kernel: 0.25, .depth: 0.5, .width: 0.75]

    init(_ reader: SectionReader) {
        var opening: [ElasticDimension: Double] = [:], last = 0.0
        for dimension in ElasticDimension.allCases {
            let key = dimension.rawValue
            reader.describe([key: "share of the steps after which the options of every \(key) open"])
            let share = reader.number(key, default: Self.usual[dimension] ?? 1, in: 0...1)
            if share < last {
                reader.report(
                    "expected at least \(ShortNumber.text(last)), when what opens before it does, found '"
                        + "\(ShortNumber.text(share))'", key: key)
            }
            opening[dimension] = share
            last = share
        }
        self.opening = opening
        reader.describe(["sort": "whether channels are sorted by how much follows from them before widths open"])
        sortsChannels = reader.flag("sort", default: true)
    }

    public var kind: String { "shrinking" }

    /// The step from which a dimension is open.
    ///
    /// - Parameter steps: Of the training.
    public func opening(of dimension: ElasticDimension, in steps: Int) -> Int {
        Int(((opening[dimension] ?? 0) * Double(steps)).rounded(.up))
    }

    public var drawsForShards: Bool { true }

    /// Nobody asks a worker to sort the channels of its network.
    public var beyondWorkers: (key: String, remedy: String)? { sortsChannels ? ("sort", "write false") : nil }

    public var teacherPasses: Int { 1 }

    /// The largest subnet until kernels open, a uniform draw once widths are open, the mean of both in between.
    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double {
        let first = opening[.kernel] ?? 0, last = opening[.width] ?? 0
        return first * costs.largest + (last - first) * (costs.largest + costs.mean) / 2 + (1 - last) * costs.mean
    }

    public func check(in space: SearchSpace) throws(RunError) {
        guard space.dimensions.contains(where: { $0 != nil }) else {
            throw .unfitSetting(
                key: "train.sampler.kind",
                reason: "the decisions of the space '\(space.name)' are not known to be kernels, depths and widths",
                remedy: "write another kind")
        }
        guard !sortsChannels || !space.mixture.isMixed else {
            throw .unfitSetting(
                key: "train.sampler.sort",
                reason: "the space '\(space.name)' merges its weights from experts, whose channels are not sorted",
                remedy: "write false")
        }
    }

    public var resolvedKeys: [(key: String, value: String)] {
        ElasticDimension.allCases.map { ($0.rawValue, ShortNumber.text(opening[$0] ?? 0)) }
            + [("sort", "\(sortsChannels)")]
    }
}
