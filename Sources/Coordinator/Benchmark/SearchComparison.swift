internal import Foundation
public import Runs
internal import Search
internal import SearchSpaces
internal import Tensors
internal import Training

/// Compares search algorithms on the trained supernet of a run, at equal numbers of evaluations.
///
/// Every architecture is measured once on the first `search.samples` validation examples, as in the run; algorithms and
/// seeds share the figures. Nothing of the run is changed.
public final class SearchComparison {
    /// One search.
    public struct Result: Sendable {
        /// The algorithm.
        public let algorithm: SearchAlgorithm
        /// The seed.
        public let seed: Int
        /// The hypervolume of its front: of accuracy above the reference and multiply-adds below the largest's, as a share.
        public let hypervolume: Double
        /// The best accuracy of its feasible candidates.
        public let bestAccuracy: Double
    }

    private let network: TrainedSupernet
    private var known: [Genome: Evaluation] = [:]

    /// Compares on the weights of a run.
    public init(_ network: TrainedSupernet) { self.network = network }

    /// Runs one search over accuracy and multiply-adds.
    ///
    /// - Parameter referenceAccuracy: What an accuracy must exceed to count.
    public func search(
        _ algorithm: SearchAlgorithm, seed: Int, evaluations: Int, population: Int, referenceAccuracy: Double
    ) throws -> Result {
        let space = network.inputs.space
        var search = try Search(
            algorithm, in: space,
            parameters: SearchParameters(
                population: population, evaluations: evaluations, objectives: 2, seed: UInt64(seed)))
        let largest = Double(space.cost(of: space.largest).multiplyAdds)
        var points: [[Double]] = []
        var best = 0.0
        while true {
            let genomes = search.ask().map(\.genome)
            if genomes.isEmpty { break }
            let evaluations = try measure(genomes)
            for (genome, evaluation) in zip(genomes, evaluations) {
                points.append([
                    (1 - evaluation[.accuracy]) / (1 - referenceAccuracy),
                    Double(space.cost(of: genome).multiplyAdds) / largest,
                ])
                best = max(best, evaluation[.accuracy])
            }
            try search.tell(
                zip(genomes, evaluations).map { genome, evaluation in
                    let accuracy = evaluation[.accuracy]
                    let cost = Double(space.cost(of: genome).multiplyAdds)
                    return SearchMember(genome: genome, fitness: Fitness(objectives: [-accuracy, cost]))
                })
        }
        return Result(
            algorithm: algorithm, seed: seed, hypervolume: Hypervolume.value(of: points, reference: [1, 1]),
            bestAccuracy: best)
    }

    private func measure(_ genomes: [Genome]) throws -> [Evaluation] {
        let new = genomes.filter { known[$0] == nil }
        let evaluations = try network.measurer.validate(new, samples: network.inputs.specification.search.samples) ?? []
        for (genome, evaluation) in zip(new, evaluations) { known[genome] = evaluation }
        return genomes.compactMap { known[$0] }
    }
}
