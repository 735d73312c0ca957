public import Search

/// What a gap study comes to: gaps by size, and how well inherited losses rank subnets.
public struct GapReport: Sendable {
    /// The means of one group of subnets.
    public struct Group: Sendable {
        /// `smallest third`, `middle third`, `largest third` or `all`.
        public let name: String
        /// Number of subnets.
        public let count: Int
        /// Mean gap of the loss.
        public let gap: Double
        /// Its standard error over subnets; nil below two.
        public let standardError: Double?
        /// Mean of inherited minus stand-alone values of the main metric, whatever its goal.
        public let mainGap: Double
        /// Median steps from inherited weights to the stand-alone loss; nil where more than half did not reach it.
        public let extraSteps: Int?
    }

    /// The groups, in the order of their sizes, and all; no thirds of fewer than three subnets.
    public let groups: [Group]
    /// Of inherited and stand-alone losses; nil below two subnets, which have no order.
    public let tau: KendallTau?

    /// Sums records up, of which several seeds of a subnet count as one.
    public init(_ records: [GapRecord]) {
        var subnets: [Subnet] = []
        for (_, own) in Dictionary(grouping: records, by: \.genome) { subnets.append(Subnet(own)) }
        subnets.sort { ($0.multiplyAdds, $0.genome) < ($1.multiplyAdds, $1.genome) }
        let count = subnets.count
        let thirds = count < 3 ? [] : ["smallest third", "middle third", "largest third"]
        groups =
            thirds.enumerated().map { index, name in
                Self.group(name, Array(subnets[count * index / 3..<count * (index + 1) / 3]))
            } + (subnets.isEmpty ? [] : [Self.group("all", subnets)])
        tau = count < 2 ? nil : KendallTau(subnets.map(\.inherited), subnets.map(\.standalone))
    }

    /// The means of one subnet over its seeds.
    private struct Subnet {
        let genome: String
        let multiplyAdds: Int
        let inherited: Double
        let standalone: Double
        let mainGap: Double
        let extraSteps: [Int?]

        init(_ records: [GapRecord]) {
            let count = Double(records.count)
            genome = records.first?.genome ?? ""
            multiplyAdds = records.first?.multiplyAdds ?? 0
            inherited = records.map(\.inheritedLoss).reduce(0, +) / count
            standalone = records.map(\.standaloneLoss).reduce(0, +) / count
            mainGap = records.map { $0.inheritedMain - $0.standaloneMain }.reduce(0, +) / count
            extraSteps = records.map(\.extraSteps)
        }
    }

    private static func group(_ name: String, _ subnets: [Subnet]) -> Group {
        let count = Double(subnets.count)
        let gaps = subnets.map { $0.inherited - $0.standalone }
        let mean = gaps.reduce(0, +) / max(1, count)
        let squares = gaps.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        let steps = subnets.flatMap(\.extraSteps).map { $0 ?? .max }.sorted()
        let median = steps.isEmpty ? Int.max : steps[(steps.count - 1) / 2]
        return Group(
            name: name, count: subnets.count, gap: mean,
            standardError: count > 1 ? (squares / (count - 1) / count).squareRoot() : nil,
            mainGap: subnets.map(\.mainGap).reduce(0, +) / max(1, count),
            extraSteps: median == .max ? nil : median)
    }
}
