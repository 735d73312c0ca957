internal import Foundation
import Runs
import SearchSpaces
import Tensors

/// Search by predictors that learn from every result: measure a few, fit, search what is predicted, measure the best of it, again.
///
/// The first candidates are drawn, evenly over the options of each decision. Then each generation fits predictors of every measured
/// objective to the archive, gathers candidates (all of a small space; in a large one what an evolution over predictions visits,
/// which begins at the front), and takes those that are expected to add most hypervolume, one after the other, each believed once
/// it is taken. Some are taken for the first objectives alone, some where predictions are least sure, and near the end of the budget
/// some among the front's neighbours. Generations grow with the archive. Everything that is asked is measured, the last batch too;
/// exact costs are never predicted.
///
/// Source: Cummings et al., "A hardware-aware system for accelerating deep neural network optimization" (2022), for the
/// alternation of measuring and searching predictions; Wen et al., "Neural predictor for neural architecture search" (2020).
struct Linas: SearchStrategy {
    /// The most candidates of a generation that is larger than a population.
    private static let mostAtOnce = 500

    private let settings: LinasSettings
    private let space: any GenomeSpace
    private let encoding: GenomeEncoding
    private let catalogue: SpaceCatalogue?

    init(_ settings: LinasSettings, in space: any GenomeSpace) {
        self.settings = settings
        self.space = space
        encoding = GenomeEncoding(space)
        catalogue = SpaceCatalogue(space, encoding: encoding)
    }

    func batchSize(after state: SearchState) -> Int {
        let parameters = state.parameters, known = state.archive.count
        let first = firstCount(parameters)
        if known < first { return first - known }
        return max(min(max(known / 10, 4), parameters.population), min(known / 50, Self.mostAtOnce))
    }

    /// How many candidates are drawn before anything is predicted: as many as there are options to tell apart, within bounds.
    private func firstCount(_ parameters: SearchParameters) -> Int {
        let unknowns = space.decisions.reduce(0) { $0 + $1.options.count - 1 }
        return max(min(unknowns, 60, parameters.evaluations / 6), 10)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let isSteady = state.parameters.pending != nil
        let size = max(batchSize(after: state), state.parameters.pending ?? 0)
        guard state.archive.count + (isSteady ? state.pending.count : 0) >= firstCount(state.parameters),
            let model = LinasModel(state.archive, objectives: state.parameters.objectives, in: space, encoding)
        else { return evenDraws(using: &generator) }
        let known = Set(state.archive.map(\.genome) + state.waiting.map(\.genome) + state.pending.map(\.genome))
        let pool = CandidatePool(
            for: size, model: model, archive: state.archive, known: known, catalogue: catalogue, using: &generator)
        var choice = BatchChoice(
            model: model, pool: pool, archive: state.archive, settings: settings, parameters: state.parameters,
            asked: state.asked + (isSteady ? 0 : state.pending.count))
        if isSteady {
            let pending = state.pending.map(\.genome)
            choice.believe(model.expectations(of: pending, encoding.encode(pending), withSpreads: false))
        }
        var batch = choice.take(size, using: &generator)[...]
        return { _ in batch.popFirst() }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Survival.byFrontAndCrowding(candidates.map(\.fitness), count: count)
    }

    /// Draws of which every decision's options come up equally often.
    private func evenDraws(using generator: inout CounterGenerator) -> CandidateSource {
        var decks = space.decisions.map { _ in [Int]() }
        return { [space] generator in
            let choices = space.decisions.indices.map { index -> UInt8 in
                if decks[index].isEmpty {
                    decks[index] = Array(space.decisions[index].options.indices).shuffled(using: &generator)
                }
                return UInt8(decks[index].removeLast())
            }
            return Proposal(genome: space.canonical(Genome(choices)), origin: .random)
        }
    }
}

/// Every architecture of a space that has few, with its numbers.
struct SpaceCatalogue: Sendable {
    /// The most genomes of a space that is ranked whole.
    static let most = 40_000

    let genomes: [Genome]
    let features: DenseMatrix

    /// Lists a space in canonical forms, each once; nil where it has too many.
    init?(_ space: any GenomeSpace, encoding: GenomeEncoding) {
        var total = 1
        for decision in space.decisions {
            let (product, isOver) = total.multipliedReportingOverflow(by: decision.options.count)
            guard !isOver, product <= 4 * Self.most else { return nil }
            total = product
        }
        var known = Set<Genome>(), genomes: [Genome] = []
        var choices = [UInt8](repeating: 0, count: space.decisions.count)
        for _ in 0..<total {
            let genome = space.canonical(Genome(choices))
            if known.insert(genome).inserted { genomes.append(genome) }
            for index in choices.indices.reversed() {
                choices[index] += 1
                if Int(choices[index]) < space.decisions[index].options.count { break }
                choices[index] = 0
            }
        }
        guard genomes.count <= Self.most else { return nil }
        self.genomes = genomes
        features = encoding.encode(genomes)
    }
}
