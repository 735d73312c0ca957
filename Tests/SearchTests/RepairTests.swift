import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Search

/// Tight windows of exact costs: candidates are inside from the first one on.
@Suite struct RepairTests {
    private static func space() throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: v
                family: vit
                input: {height: 28, width: 28, channels: 1, patch: 7, classes: 10}
                headWidth: 8
                choices: {embed: [24, 32, 40, 48], depth: [2, 3, 4, 5, 6], heads: [2, 3, 4], mlpRatio: [1, 1.5, 2, 3]}
                """, file: "v")
    }

    /// 0.975 to 1 of a budget, a share of the largest architecture's cost.
    private static func window(_ share: Double, of space: SearchSpace) -> [Constraint] {
        let budget = share * Double(space.cost(of: space.largest).multiplyAdds)
        return [Constraint(metric: .multiplyAdds, atLeast: 0.975 * budget, atMost: budget)]
    }

    private func searched(
        _ kind: String, in space: SearchSpace, keeping constraints: [Constraint], repair: CostRepair?,
        evaluations: Int = 60
    ) throws -> [Genome] {
        var search = try Search(
            try #require(SearchAlgorithm(kind: kind)), in: space,
            parameters: SearchParameters(population: 12, evaluations: evaluations, objectives: 2, seed: 3),
            from: SearchStart(seeds: [space.smallest, space.largest]), repair: repair)
        var all: [Genome] = [], resumed = search
        while case let batch = search.ask(), !batch.isEmpty {
            #expect(resumed.ask() == batch)
            all += batch.map(\.genome)
            let told = batch.map { proposal in
                let cost = space.cost(of: proposal.genome)
                let costs = [Metric.params: Double(cost.params), .multiplyAdds: Double(cost.multiplyAdds)]
                let sum = proposal.genome.choices.reduce(0) { $0 + Double($1) }
                return SearchMember(
                    genome: proposal.genome,
                    fitness: Fitness(
                        measured: costs.merging([.loss: sum]) { $1 },
                        objectives: [
                            Objective(metric: .loss, goal: .minimize), Objective(metric: .params, goal: .minimize),
                        ],
                        constraints: constraints))
            }
            try search.tell(told)
            try resumed.tell(told)
            let state = try SearchState(json: resumed.state.json())
            #expect(state.isRepairing == (repair != nil))
            resumed = try Search(
                resuming: state.withArchive(told: search.state.archive), in: space, repair: repair)
        }
        return all
    }

    @Test(arguments: SearchAlgorithm.kinds) func everyCandidateIsInATightWindow(kind: String) throws {
        let space = try Self.space(), constraints = Self.window(0.4, of: space)
        let repair = try #require(CostRepair(space, keeping: constraints))
        let asked = try searched(kind, in: space, keeping: constraints, repair: repair)
        #expect(asked.count == 60 && Set(asked).count == 60)
        #expect(asked.allSatisfy { space.canonical($0) == $0 })
        // The seeds are asked as they are.
        let inside = asked.count { repair.violation(of: $0) == 0 }
        #expect(inside >= (kind == "random" ? 60 : 58))
        // Without, hardly any.
        let plain = try searched(kind, in: space, keeping: constraints, repair: nil)
        #expect(plain.count { repair.violation(of: $0) == 0 } < 30)
    }

    @Test func windowsOfTwoCostsAndOfFewArchitectures() throws {
        let space = try Self.space()
        var generator = CounterGenerator(seed: 1, stream: .search, step: 0)
        let some = space.cost(of: space.randomGenome(using: &generator))
        let both = [
            Constraint(metric: .params, atLeast: 0.99 * Double(some.params), atMost: 1.01 * Double(some.params)),
            Constraint(metric: .multiplyAdds, atMost: Double(some.multiplyAdds)),
        ]
        let repair = try #require(CostRepair(space, keeping: both))
        for _ in 0..<50 {
            let genome = try #require(repair.draw(using: &generator))
            #expect(repair.violation(of: genome) == 0)
            let child = Proposal(genome: space.randomGenome(using: &generator), origin: .crossover)
            #expect(repair.repaired(child, using: &generator).map { repair.violation(of: $0.genome) } == 0)
        }
        // One architecture's cost: what has it is asked first, and then the search goes on outside.
        let only = Double(space.cost(of: space.largest).params)
        let one = [Constraint(metric: .params, atLeast: only, atMost: only)]
        let asked = try searched(
            "evolution", in: space, keeping: one, repair: CostRepair(space, keeping: one), evaluations: 40)
        #expect(asked.count == 40 && asked.contains(space.largest))
    }

    @Test func wideWindowsAndOtherMetricsNeedNone() throws {
        let space = try Self.space(), most = Double(space.cost(of: space.largest).params)
        #expect(CostRepair(space, keeping: []) == nil)
        #expect(CostRepair(space, keeping: [Constraint(metric: .accuracy, atLeast: 0.99)]) == nil)
        #expect(CostRepair(space, keeping: [Constraint(metric: .params, atMost: most)]) == nil)
        // No architecture keeps this one: candidates stay as they are.
        let none = try #require(CostRepair(space, keeping: [Constraint(metric: .params, atLeast: 2 * most)]))
        var generator = CounterGenerator(seed: 1, stream: .search, step: 0)
        #expect(none.draw(using: &generator) == nil)
        let asked = try searched("nsga2", in: space, keeping: [], repair: none, evaluations: 30)
        #expect(Set(asked).count == 30)
    }

    /// A single change away, in the direction of the window, as long as there is one.
    @Test func childrenKeepWhatTheyCan() throws {
        let space = try Self.space()
        let repair = try #require(CostRepair(space, keeping: Self.window(0.5, of: space)))
        var generator = CounterGenerator(seed: 2, stream: .search, step: 0)
        var kept = 0, moved = 0.0
        for _ in 0..<200 {
            let child = Proposal(genome: space.randomGenome(using: &generator), origin: .mutation)
            let repaired = try #require(repair.repaired(child, using: &generator))
            guard repaired.origin == .mutation else { continue }
            kept += 1
            moved += Double(zip(child.genome.choices, repaired.genome.choices).count { $0 != $1 })
        }
        print("children kept \(kept) of 200, with \(moved / Double(kept)) changes")
        #expect(kept > 190)
    }
}
