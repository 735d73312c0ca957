internal import Foundation
import SearchSpaces
import Tensors

/// The candidates of a batch: unseen genomes that look good, the front's neighbours, and some drawn ones.
struct CandidatePool {
    /// Candidates whose spreads are computed, at least.
    private static let most = 320
    /// Those among them that are drawn, and that are neighbours of the front.
    private static let drawn = 40, neighbouring = 80
    /// The inner search: genomes that live on, children of a generation, generations.
    private static let population = 80, children = 120, generations = 16

    private(set) var genomes: [Genome] = []
    private(set) var expectations: [LinasModel.Expectation] = []
    /// Which of them are one choice away from a member of the front.
    private(set) var isNeighbour: [Bool] = []

    /// Gathers candidates none of which is known.
    init(
        for size: Int, model: LinasModel, archive: [SearchMember], known: Set<Genome>, catalogue: SpaceCatalogue?,
        using generator: inout CounterGenerator
    ) {
        let space = model.space
        let front = Front.indices(of: archive.map(\.fitness)).map { archive[$0].genome }
        let leaders =
            front.isEmpty
            ? Survival.byFrontAndCrowding(archive.map(\.fitness), count: 10).map { archive[$0].genome } : front
        let neighbours = Self.neighbours(of: leaders, in: space, known: known, using: &generator)
        var visited: [Genome], features: DenseMatrix
        if let catalogue {
            let places = catalogue.genomes.indices.filter { !known.contains(catalogue.genomes[$0]) }
            visited = places.map { catalogue.genomes[$0] }
            features = catalogue.features.selecting(places)
        } else {
            visited = Self.evolved(
                from: leaders, neighbours, model: model, archive: archive, known: known, using: &generator)
            features = model.encoding.encode(visited)
        }
        let rough = model.expectations(of: visited, features, withSpreads: false)
        let near = Set(neighbours)
        let chosen = Self.shortlist(
            rough, count: max(Self.most, 2 * size), near: visited.map(near.contains), using: &generator)
        genomes = chosen.map { visited[$0] }
        expectations = model.expectations(of: genomes, features.selecting(chosen), withSpreads: true)
        isNeighbour = genomes.map(near.contains)
    }

    /// The places of the best by fronts and by each objective, of the best neighbours, and of some drawn ones, ascending.
    private static func shortlist(
        _ rough: [LinasModel.Expectation], count: Int, near: [Bool], using generator: inout CounterGenerator
    ) -> [Int] {
        guard rough.count > count else { return Array(rough.indices) }
        let fitness = rough.map(\.fitness)
        var chosen = Set<Int>()
        for objective in rough[0].mean.indices {
            let single = rough.map { Fitness(objectives: [$0.mean[objective]], violation: $0.violation) }
            chosen.formUnion(Survival.byFirstObjective(single, count: 40))
        }
        let neighbours = rough.indices.filter { near[$0] }
        chosen.formUnion(
            Survival.byFrontAndCrowding(neighbours.map { fitness[$0] }, count: neighbouring).map { neighbours[$0] })
        let room = max(count - drawn - chosen.count, 40)
        chosen.formUnion(Survival.byFrontAndCrowding(fitness, count: room))
        for _ in 0..<drawn { chosen.insert(Int.random(in: rough.indices, using: &generator)) }
        return chosen.sorted()
    }

    /// The unseen genomes that are one choice away from some genomes, at most 1,200.
    static func neighbours(
        of genomes: [Genome], in space: any GenomeSpace, known: Set<Genome>, using generator: inout CounterGenerator
    ) -> [Genome] {
        var found = Set<Genome>(), result: [Genome] = []
        for genome in genomes.prefix(100) {
            let isActive = space.isActive(genome)
            for (index, decision) in space.decisions.enumerated() where isActive[index] {
                for option in decision.options.indices where option != Int(genome.choices[index]) {
                    var changed = genome
                    changed.choices[index] = UInt8(option)
                    let neighbour = space.canonical(changed)
                    if !known.contains(neighbour), found.insert(neighbour).inserted { result.append(neighbour) }
                }
            }
        }
        guard result.count > 1200 else { return result }
        return Array(result.shuffled(using: &generator).prefix(1200))
    }

    /// What an evolution over predictions visits that begins with the archive's best, their neighbours and drawn genomes.
    private static func evolved(
        from leaders: [Genome], _ neighbours: [Genome], model: LinasModel, archive: [SearchMember], known: Set<Genome>,
        using generator: inout CounterGenerator
    ) -> [Genome] {
        let space = model.space, mutation = ResetMutation(decisions: space.decisions), crossover = UniformCrossover()
        func expected(_ genomes: [Genome]) -> [Fitness] {
            model.expectations(of: genomes, model.encoding.encode(genomes), withSpreads: false).map(\.fitness)
        }
        var visited = Set<Genome>(), order: [Genome] = []
        func visit(_ genome: Genome) -> Bool {
            guard visited.insert(genome).inserted else { return false }
            if !known.contains(genome) { order.append(genome) }
            return true
        }
        var genomes = leaders.prefix(100).filter(visit)
        genomes += neighbours.filter(visit)
        for _ in 0..<population {
            let genome = space.randomGenome(using: &generator)
            if visit(genome) { genomes.append(genome) }
        }
        var members = zip(genomes, expected(genomes)).map { SearchMember(genome: $0, fitness: $1) }
        for _ in 0..<generations {
            let survivors = Survival.byFrontAndCrowding(members.map(\.fitness), count: population)
            members = survivors.map { members[$0] }
            var new: [Genome] = []
            for _ in 0..<children {
                let first = members[Int.random(in: members.indices, using: &generator)].genome
                let second = members[Int.random(in: members.indices, using: &generator)].genome
                let base = crossover.child(of: first, and: second, using: &generator)
                let child = space.canonical(mutation.mutated(base, using: &generator))
                if visit(child) { new.append(child) }
            }
            members += zip(new, expected(new)).map { SearchMember(genome: $0, fitness: $1) }
        }
        return order
    }
}
