internal import Foundation
import SearchSpaces
import Tensors

/// What an archive teaches about genomes that nobody has measured.
struct LinasModel: Sendable {
    /// Rows that predictors are fitted to: beyond, the best and some of the others.
    static let mostRows = 500

    /// What is expected of a genome.
    struct Expectation: Sendable {
        /// The objectives, all to be minimised.
        var mean: [Double]
        /// The standard deviation of each; 0 for exact costs.
        var spread: [Double]
        /// The expected violation of constraints, 0 or more; infinite where the measurement is expected to fail.
        let violation: Double

        var fitness: Fitness { Fitness(objectives: mean, violation: violation) }
    }

    let space: any GenomeSpace
    let encoding: GenomeEncoding
    /// The predictor of each objective; nil for those that are exact.
    let qualities: [QualityPredictor?]
    /// Predicts how far constraints on measured values are broken, below 0 where they are kept; nil where all are.
    private let violations: QualityPredictor?
    /// Predicts whether a measurement fails: 1, or works: 0; nil where all work.
    private let failures: QualityPredictor?

    /// Learns from an archive; nil where there is too little to learn from.
    init?(_ archive: [SearchMember], objectives: Int, in space: any GenomeSpace, _ encoding: GenomeEncoding) {
        let measured = Self.rows(archive.filter { !$0.fitness.isFailed })
        guard measured.count >= 6, encoding.count > 0 else { return nil }
        self.space = space
        self.encoding = encoding
        let features = encoding.encode(measured.map(\.genome))
        guard let basis = RidgeBasis(features) else { return nil }
        let foreseen = measured.map { (space as? any ForeseeingSpace)?.foreseen($0.genome) }
        qualities = (0..<objectives).map { index in
            if let known = foreseen.first ?? nil, known.objectives[index] != nil { return nil }
            return QualityPredictor(
                features, basis: basis, encoding: encoding, targets: measured.map { $0.fitness.objectives[index] })
        }
        let rests = zip(measured, foreseen).map { max($0.fitness.violation - ($1?.violation ?? 0), 0) }
        let broken = rests.filter { $0 > 1e-9 }.sorted()
        violations =
            broken.isEmpty
            ? nil
            : QualityPredictor(
                features, basis: basis, encoding: encoding,
                targets: rests.map { $0 > 1e-9 ? $0 : -broken[broken.count / 2] })
        let failed = archive.filter(\.fitness.isFailed)
        if failed.count > 2 {
            let few = Array(failed.suffix(Self.mostRows / 2)), works = Array(measured.suffix(Self.mostRows / 2))
            let all = encoding.encode((few + works).map(\.genome))
            failures = RidgeBasis(all).map {
                QualityPredictor(
                    all, basis: $0, encoding: encoding, targets: few.map { _ in 1 } + works.map { _ in 0 },
                    members: [.ridge, .process])
            }
        } else {
            failures = nil
        }
    }

    /// The results that are learned from, in ask order: of many the best fronts and, of the others, every so many-th.
    private static func rows(_ measured: [SearchMember]) -> [SearchMember] {
        guard measured.count > mostRows else { return measured }
        let fitness = measured.map(\.fitness)
        let best = Set(Survival.byFrontAndCrowding(fitness, count: mostRows / 2))
        let others = measured.indices.filter { !best.contains($0) }, room = mostRows - best.count
        let some = Set((0..<room).map { others[$0 * others.count / room] })
        return measured.indices.filter { best.contains($0) || some.contains($0) }.map { measured[$0] }
    }

    /// What is expected of genomes with their features; spreads are 0 unless they are asked for, which takes far longer.
    func expectations(
        of genomes: [Genome], _ features: DenseMatrix, withSpreads: Bool
    ) -> [Expectation] {
        var result = violated(genomes, features).map { Expectation(mean: [], spread: [], violation: $0) }
        for (index, predictor) in qualities.enumerated() {
            guard let predictor else {
                for (row, genome) in genomes.enumerated() {
                    let known = (space as? any ForeseeingSpace)?.foreseen(genome).objectives[index] ?? 0
                    result[row].mean.append(known)
                    result[row].spread.append(0)
                }
                continue
            }
            if withSpreads {
                for (row, prediction) in predictor.predictions(of: features).enumerated() {
                    result[row].mean.append(prediction.mean)
                    result[row].spread.append(prediction.spread)
                }
            } else {
                for (row, mean) in predictor.means(of: features).enumerated() {
                    result[row].mean.append(mean)
                    result[row].spread.append(0)
                }
            }
        }
        return result
    }

    private func violated(_ genomes: [Genome], _ features: DenseMatrix) -> [Double] {
        var result = genomes.map { (space as? any ForeseeingSpace)?.foreseen($0).violation ?? 0 }
        if let violations {
            for (row, value) in violations.means(of: features).enumerated() { result[row] += max(value, 0) }
        }
        if let failures {
            for (row, value) in failures.means(of: features).enumerated() where value > 0.5 {
                result[row] += 1e6 * value
            }
        }
        return result
    }
}
