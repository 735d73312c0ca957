import Foundation
import Runs
import SearchSpaces
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// The subnet for a budget.
@Suite struct BudgetSearchTests {
    private static func space(_ name: String) throws -> SearchSpace {
        try SpaceCatalog.load(Repository.root.appending(path: "SearchSpaces/\(name).yaml").path)
    }

    /// A loss that falls with cost, with a part of each option and a part of each genome that no sum of options has.
    private struct Landscape {
        let space: SearchSpace
        let weights: OptionWeights

        init(_ space: SearchSpace, seed: UInt64) {
            var random = SeededGenerator(seed)
            var weights = OptionWeights(space.decisions)
            for index in weights.values.indices {
                weights.values[index] = Float.random(in: -0.03...0.03, using: &random)
            }
            self.space = space
            self.weights = weights
        }

        func loss(_ genome: Genome) -> Double {
            let own = Double(UInt64(space.key(of: genome).prefix(8), radix: 16) ?? 0) / 0x1p32
            let size = Double(space.cost(of: genome).multiplyAdds) / Double(space.cost(of: space.largest).multiplyAdds)
            return 1 - 0.5 * size + space.score(genome, by: weights) + 0.02 * own
        }
    }

    private func everyGenome(_ space: SearchSpace) -> Set<Genome> {
        var all = [Genome([])]
        for decision in space.decisions {
            all = all.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
        return Set(all.map(space.canonical))
    }

    /// At every budget from the cheapest on the answer costs within 2 % of it, and loses less than the best of as many
    /// uniform draws that cost as much.
    @Test(arguments: ["vit-mnist", "vit-cifar-small"], [Metric.params, .multiplyAdds])
    func whatWasLearnedPaysAtAnyBudget(name: String, metric: Metric) throws {
        let space = try Self.space(name), landscape = Landscape(space, seed: 4)
        let low = Double(space.cost(of: space.smallest, by: metric))
        let high = Double(space.cost(of: space.largest, by: metric))
        let table = CostDistribution(space, by: metric, most: 1 << 20)
        var random = SeededGenerator(9)
        var gain = 0.0
        for part in 0...11 {
            let limit = Int(low + (high - low) * Double(part) / 11)
            let budget = try #require(CostBudget(metric, atMost: limit))
            var search = BudgetSearch(space, within: budget, seed: 3)
            #expect(search.window == budget.window)
            var measured = 0, calls: [Int] = []
            let found = try #require(
                search.answer(pick: nil, examples: 5000) { genomes, samples in
                    #expect(genomes.allSatisfy { budget.window.contains(space.cost(of: $0, by: metric)) })
                    #expect(Set(genomes.map(space.canonical)).count == genomes.count)
                    measured += samples == 5000 ? 0 : genomes.count
                    calls.append(samples)
                    return genomes.map(landscape.loss)
                })
            #expect(measured <= BudgetSearch.candidates && calls.count <= 3)
            #expect(calls.dropLast().allSatisfy { (128...1000).contains($0) })
            #expect(budget.window.contains(space.cost(of: found, by: metric)))
            var again = BudgetSearch(space, within: budget, seed: 3)
            #expect(again.answer(pick: nil, examples: 5000) { genomes, _ in genomes.map(landscape.loss) } == found)
            let uniform = (0..<BudgetSearch.candidates).compactMap { _ in
                table.draw(costing: budget.window, using: &random)
            }
            gain += (uniform.map(landscape.loss).min() ?? 2) - landscape.loss(found)
        }
        #expect(gain / 12 > 0.01, "\(gain / 12)")
    }

    /// Of few architectures all are measured, and the best is the answer.
    @Test func fewArchitecturesAreAllMeasured() throws {
        let space = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny"), landscape = Landscape(space, seed: 1)
        let all = everyGenome(space)
        for cost in Set(all.map { space.cost(of: $0, by: .multiplyAdds) }) {
            let budget = try #require(CostBudget(.multiplyAdds, atMost: cost))
            let members = all.filter { budget.window.contains(space.cost(of: $0, by: .multiplyAdds)) }
            var search = BudgetSearch(space, within: budget, seed: 3)
            let found = try #require(
                search.answer(pick: nil, examples: 100) { genomes, _ in genomes.map(landscape.loss) })
            #expect(landscape.loss(found) == members.map(landscape.loss).min())
        }
        // Between costs that are far apart the next lower one, above all of them the greatest.
        let costs = Set(all.map { space.cost(of: $0, by: .params) }).sorted()
        for (low, high) in zip(costs, costs.dropFirst()) where high - 1 - (high - 1) / 50 > low {
            var search = try BudgetSearch(
                space, within: #require(CostBudget(.params, atMost: high - 1)), seed: 3)
            let found = try #require(
                search.answer(pick: nil, examples: 100) { genomes, _ in genomes.map(landscape.loss) })
            #expect(search.window.contains(low) && search.window.contains(space.cost(of: found, by: .params)))
        }
        var search = try BudgetSearch(space, within: #require(CostBudget(.params, atMost: 1 << 50)), seed: 3)
        #expect(search.answer(pick: nil, examples: 100) { genomes, _ in genomes.map(landscape.loss) } != nil)
        #expect(search.window.upperBound == costs.last)
    }

    /// What the sampler holds for best is a candidate where it costs as much; what is no number never wins; a stop is told.
    @Test func picksAndFaults() throws {
        let space = try Self.space("vit-mnist")
        let limit = space.cost(of: space.largest, by: .multiplyAdds) * 3 / 5
        let budget = try #require(CostBudget(.multiplyAdds, atMost: limit))
        var random = SeededGenerator(2)
        let pick = try #require(
            CostDistribution(space, by: .multiplyAdds).draw(costing: budget.window, using: &random))
        var search = BudgetSearch(space, within: budget, seed: 1)
        let found = search.answer(pick: pick, examples: 300) { genomes, _ in genomes.map { $0 == pick ? 0 : .nan } }
        #expect(found == pick)
        var seen: [Genome] = []
        search = BudgetSearch(space, within: budget, seed: 1)
        let other = search.answer(pick: space.smallest, examples: 300) { genomes, _ in
            seen += genomes
            return genomes.map { _ in .nan }
        }
        #expect(!seen.contains(space.smallest) && other.map(seen.contains) == true)
        search = BudgetSearch(space, within: budget, seed: 1)
        #expect(search.answer(pick: nil, examples: 300) { _, _ in nil } == nil)
        // A network that takes seconds for an example is measured on few, and no finalist again.
        #expect(throws: Never.self) {
            let big = try SearchSpace.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: SearchSpace
                    name: big
                    family: mlp
                    input: {features: 4, classes: 2}
                    choices: {width: [8192, 16384], depth: [32, 64], expansion: [8, 12, 16]}
                    """, file: "big")
            var search = try BudgetSearch(big, within: #require(CostBudget(.multiplyAdds, atMost: 1 << 40)), seed: 1)
            _ = search.answer(pick: nil, examples: 50_000) { genomes, samples in
                #expect(samples == 128)
                return genomes.map { _ in 1 }
            }
        }
    }

    /// Spaces whose costs are too many to be counted have answers all the same.
    @Test(arguments: [(256, 64), (110, 5)]) func withoutCounts(widths: Int, expansions: Int) throws {
        let space = try SearchSpace.parse(
            yaml: WideSpace.yaml(widths: widths, depths: 64, expansions: expansions), file: "wide.yaml")
        try #require(!CostDistribution.counts(space, by: .multiplyAdds))
        let ends = [space.smallest, space.largest].map { space.cost(of: $0, by: .multiplyAdds) }
        for limit in [ends[0], ends[0] * 3, 10_000_000, ends[1]] {
            let budget = try #require(CostBudget(.multiplyAdds, atMost: limit))
            var search = BudgetSearch(space, within: budget, seed: 1)
            let found = try #require(
                search.answer(pick: nil, examples: 100) { genomes, _ in genomes.map { _ in 1 } })
            #expect(budget.window.contains(space.cost(of: found, by: .multiplyAdds)))
        }
    }

    /// A trained supernet answers any budget that an architecture meets, whatever its sampler, the same with any workers.
    @Test(arguments: ["uniform", "sandwich", "multi, best: 0.5", "shift, generator: table, rate: 0", "shift, rate: 0"])
    func everySamplerAnswers(sampler: String) throws {
        let scene = try Scene(train: "sampler: {kind: \(sampler)}")
        #expect(try scene.execute() == .completed)
        let networks = try [1, 2].map {
            try TrainedSupernet(
                scene.inputs, directory: scene.path, pool: try WorkerPool(count: $0), kernels: try Kernels())
        }
        let space = networks[0].space
        for metric in [Metric.params, .multiplyAdds] {
            for cost in Set(everyGenome(space).map { space.cost(of: $0, by: metric) }).sorted().prefix(6) {
                let budget = try #require(CostBudget(metric, atMost: cost))
                let found = try networks.map { try $0.genome(within: budget) }
                #expect(found[0] == found[1] && budget.window.contains(space.cost(of: found[0], by: metric)))
            }
        }
        let most = try #require(CostBudget(.params, atMost: 1 << 40))
        let model = try networks[0].extract(networks[0].genome(within: most))
        #expect(model.description.measured["validationAccuracy"] != nil)
        let least = space.cost(of: space.smallest, by: .params)
        let error = #expect(throws: CoordinatorError.self) {
            _ = try networks[0].genome(within: #require(CostBudget(.params, atMost: least - 1)))
        }
        #expect(error?.description.contains("the smallest has \(least)") == true)
    }
}
