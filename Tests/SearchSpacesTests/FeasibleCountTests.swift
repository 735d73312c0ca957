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
