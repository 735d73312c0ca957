import Runs
import Testing

@testable import SearchSpaces

/// Counts of architectures that keep bounds, against lists of all of them.
@Suite struct FeasibleCountTests {
    private static func everyCost(_ space: SearchSpace) -> [ArchitectureCost] {
        var all = [Genome([])]
        for decision in space.decisions {
            all = all.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
        return Set(all.map(space.canonical)).map(space.cost)
    }

    @Test func countsAreThoseOfAList() throws {
        let space = try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml")
        let costs = Self.everyCost(space)
        var random = SeededGenerator(state: 7)
        func bound(_ metric: Metric, _ value: (ArchitectureCost) -> Int) -> Constraint {
            let picks = (0..<2).map { _ in
                Double(value(costs[Int.random(in: costs.indices, using: &random)]))
                    + .random(in: -1.5...1.5, using: &random)
            }.sorted()
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return Constraint(metric: metric, atLeast: picks[0])
            case 1: return Constraint(metric: metric, atMost: picks[1])
            default: return Constraint(metric: metric, atLeast: picks[0], atMost: picks[1])
            }
        }
        var empty = 0
        for _ in 0..<300 {
            let constraints = [
                bound(.params, \.params), bound(.multiplyAdds, \.multiplyAdds), bound(.params, \.params),
            ]
            let kept = costs.filter { cost in
                constraints.allSatisfy {
                    $0.violation(of: Double($0.metric == .params ? cost.params : cost.multiplyAdds)) == 0
                }
            }
            #expect(FeasibleCount(space, keeping: constraints) == .counted(Double(kept.count)))
            if kept.isEmpty { empty += 1 }
        }
        #expect((10..<290).contains(empty), "both happen: \(empty)")
    }

    @Test func noBoundsLeaveEverything() throws {
        let space = try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml")
        let all = Double(Self.everyCost(space).count)
        #expect(FeasibleCount(space, keeping: []) == .counted(all))
        #expect(FeasibleCount(space, keeping: [Constraint(metric: .accuracy, atLeast: 0.9)]) == .counted(all))
    }

    /// Without a bound on costs nothing is listed: 5^12 combinations, and groups whose depth is a decision of a block.
    @Test func spacesElsewhereAreCounted() throws {
        let lines = (0..<12).map { "{name: d\($0), options: [1, 2, 3, 4, 5]}" }.joined(separator: ", ")
        func space(_ decisions: String) throws -> SearchSpace {
            try SearchSpace.parse(
                yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: e\nfamily: external\ndecisions: [\(decisions)]\n",
                file: "e")
        }
        let bound = [Constraint(metric: .accuracy, atLeast: 0.5)]
        #expect(FeasibleCount(try space(lines), keeping: bound) == .counted(244_140_625))
        let excluding = bound + [Constraint(metric: .accuracy, atMost: 0.4)]
        #expect(FeasibleCount(try space(lines), keeping: excluding) == .counted(0))
        // Each depth brings 2 + 4 + 16 forms, unordered options or not.
        let group =
            "{name: depth, count: 2, options: [4, 1, 2], ordinal: false}, "
            + "{name: k, count: 8, options: [3, 5], within: {decision: depth, groups: 2}}"
        #expect(FeasibleCount(try space(group), keeping: bound) == .counted(22 * 22))
    }

    /// A space of 256 widths and 64 depths has too many costs to be looked at.
    @Test func costsThatAreTooMany() throws {
        let all = { (count: Int) in (1...count).map(String.init).joined(separator: ", ") }
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: wide
                family: mlp
                input: {features: 3, classes: 2}
                choices: {width: [\(all(256))], depth: [\(all(64))], expansion: [\(all(16))]}
                """, file: "wide")
        let bound = [Constraint(metric: .params, atMost: 1e6)]
        #expect(FeasibleCount(space, keeping: bound) == .uncounted)
    }

    @Test func qualitiesThatExcludeOneAnother() throws {
        let space = try SearchSpace.parse(yaml: tinySpace, file: "tiny.yaml")
        let bounds = [Constraint(metric: .loss, atMost: 0.1), Constraint(metric: .loss, atLeast: 0.2)]
        #expect(FeasibleCount(space, keeping: bounds) == .counted(0))
    }

    /// Bounds between two neighbours are found out in a space of 10^16 architectures too; with less patience it says so.
    @Test func largeSpaces() throws {
        let space = try space("vit-autoformer-tiny")
        let low = space.cost(of: space.smallest)
        let between = [
            Constraint(metric: .params, atLeast: Double(low.params) + 0.25, atMost: Double(low.params) + 0.75)
        ]
        #expect(FeasibleCount(space, keeping: between) == .counted(0))
        let half = [Constraint(metric: .multiplyAdds, atMost: Double(low.multiplyAdds) * 1.5)]
        guard case .counted(let count) = FeasibleCount(space, keeping: half) else {
            Issue.record("not counted")
            return
        }
        #expect(count > 1e6)
        #expect(FeasibleCount(space, keeping: half, mostSums: 10) == .uncounted)
    }
}
