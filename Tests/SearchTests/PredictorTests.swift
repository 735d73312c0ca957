import Foundation
import SearchSpaces
import Tensors
import Testing

@testable import Search

@Suite struct PredictorTests {
    func draws(_ count: Int, in space: some GenomeSpace, seed: UInt64 = 1) -> [Genome] {
        var generator = CounterGenerator(seed: seed, stream: .search, step: 0)
        var known = Set<Genome>(), result: [Genome] = []
        while result.count < count {
            let genome = space.randomGenome(using: &generator)
            if known.insert(genome).inserted { result.append(genome) }
        }
        return result
    }

    /// One to three layers, of which the last two count where the depth says so, of three widths each.
    private struct MaskedSpace: GenomeSpace {
        let decisions =
            [Decision(name: "depth", scope: .network, options: [1, 2, 3])]
            + (0..<2).map {
                Decision(
                    name: "width", scope: .block($0), activity: .below(decision: 0, position: $0), options: [8, 16, 24])
            }
    }

    @Test func encodingByHand() {
        let encoding = GenomeEncoding(MaskedSpace())
        // A depth of three options with its size, two decisions of three options with theirs, three counts, one sum.
        #expect(
            encoding.count == 16 && encoding.groups == [0..<4, 4..<8, 8..<12, 12..<16] && encoding.decisionGroups == 3)
        let root = 0.5.squareRoot()
        let expected = [0.5, 0, 0, 0, 0, 0, 0.5, root, 0, 0, 0, 0, 0, 0, root, root]
        #expect(zip(encoding.encode(Genome([0, 2, 1])), expected).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(encoding.encode(Genome([0, 2, 1])) == encoding.encode(Genome([0, 2, 2])))
        let category = GenomeEncoding(MacroSpace())
        #expect(category.count == 27 && category.encode(Genome([2, 0, 1, 0, 0, 0, 0, 0]))[..<3] == [0, 0, root])
        let many = GenomeEncoding(ListSpace([40, 1]))
        #expect(many.count == 2 && many.encode(Genome([39, 0])) == [1, 0.25])
    }

    @Test func ridgeLeavesOutAsRefitsDo() throws {
        for (count, width) in [(12, 30), (30, 8)] {
            var generator = CounterGenerator(seed: 3, stream: .search, step: UInt64(count))
            let rows = (0..<count).map { _ in (0..<width).map { _ in Double.random(in: 0...1, using: &generator) } }
            let targets = rows.map { 0.2 * $0[0] + Double.random(in: 0...3, using: &generator) }
            let basis = try #require(RidgeBasis(DenseMatrix(rows, columns: width)))
            let fit = RidgePredictor(basis, targets: targets)
            #expect(fit.penalty > 1e-3)
            for left in [0, 5, count - 1] {
                let rest = rows.indices.filter { $0 != left }
                // The normal equations with a column of ones that is not penalised, by Cholesky's decomposition.
                let design = DenseMatrix(rest.map { rows[$0] + [1] }, columns: width + 1).transposed
                var normal = design.timesTransposed(design)
                for index in 0..<width { normal[index, index] += fit.penalty }
                let inverse = try #require(Cholesky(normal)).transposedInverse.upperTimesTransposed
                let coefficients = inverse.times(design.times(rest.map { targets[$0] }))
                let predicted = zip(rows[left] + [1], coefficients).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(predicted - fit.leftOut[left]) < 1e-7)
            }
            let errors = zip(fit.leftOut, targets).map { ($0 - $1) * ($0 - $1) }
            #expect(abs(errors.reduce(0, +) / Double(count) - fit.error) < 1e-12)
        }
    }

    /// Two points one apart: the slope is 1 / (1 + 2 r), and a point that is left out is predicted by the other.
    @Test func ridgeByHand() throws {
        let basis = try #require(RidgeBasis(DenseMatrix([[0], [1]], columns: 1)))
        let fit = RidgePredictor(basis, targets: [0, 1])
        let slope = fit.means(of: DenseMatrix([[1], [0]], columns: 1)).reduce(0) { $1 - $0 } * -1
        #expect(abs(slope - 0.5 / (0.5 + fit.penalty)) < 1e-12)
        #expect(abs(fit.leftOut[0] - 1) < 1e-5 && abs(fit.leftOut[1]) < 1e-5)
        let same = try #require(RidgeBasis(DenseMatrix([[2], [2], [2]], columns: 1)))
        #expect(RidgePredictor(same, targets: [1, 2, 6]).means(of: DenseMatrix([[5]], columns: 1)) == [3])
        #expect(
            zip(RidgePredictor(same, targets: [1, 2, 6]).leftOut, [4, 3.5, 1.5]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    private struct Reference: Decodable {
        let features: [[Double]]
        let targets: [Double]
        let groups: [[Int]]
        let weights: [Double]
        let linear: Double
        let noise: Double
        let asked: [[Double]]
        let means: [Double]
        let variances: [Double]
    }

    private func reference() throws -> Reference {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: folder.appending(path: "gaussian_process.json")))
    }

    @Test func processMatchesTheReference() throws {
        let known = try reference()
        func process(_ rows: [Int]) -> GaussianProcess? {
            GaussianProcess(
                DenseMatrix(rows.map { known.features[$0] }, columns: 5), groups: known.groups.map { $0[0]..<$0[1] },
                decisionGroups: 2, targets: rows.map { known.targets[$0] },
                parameters: .init(weights: known.weights, linear: known.linear, noise: known.noise))
        }
        let fit = try #require(process(Array(known.targets.indices)))
        let asked = DenseMatrix(known.asked, columns: 5), found = fit.predictions(of: asked)
        for (index, prediction) in found.enumerated() {
            #expect(abs(prediction.mean - known.means[index]) < 1e-8)
            #expect(abs(prediction.variance / known.variances[index] - 1) < 1e-8)
        }
        #expect(zip(fit.means(of: asked), found).allSatisfy { abs($0 - $1.mean) < 1e-12 })
    }

    @Test func processLeavesOutAsItsCovarianceSays() throws {
        let known = try reference(), groups = known.groups.map { $0[0]..<$0[1] }
        let features = DenseMatrix(known.features, columns: 5)
        let fit = try #require(GaussianProcess(features, groups: groups, decisionGroups: 2, targets: known.targets))
        #expect(fit.parameters.weights.count == 3)
        // What was learned predicts rows that it has not seen better than their mean does.
        let mean = known.targets.reduce(0, +) / 24
        let error = zip(fit.leftOut, known.targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(error < 0.5 * known.targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
        #expect(fit.leftOutVariances.allSatisfy { $0 > 0 })
        #expect(
            GaussianProcess(features, groups: groups, decisionGroups: 2, targets: known.targets.map { _ in 2 }) == nil)
    }

    @Test func stumpsByHand() {
        let features = DenseMatrix([[0, 5], [0, 5], [1, 5], [1, 5]], columns: 2)
        let stumps = BoostedStumps(features, targets: [1, 1, 3, 3])
        let found = stumps.means(of: DenseMatrix([[0, 5], [1, 5], [0.4, 9], [0.6, -9]], columns: 2))
        // Each of 50 steps goes 2/3 x 0.3 of the way that is left.
        let left = pow(1 - 0.3 * 2 / 3, 50.0)
        #expect(abs(found[0] - (1 + left)) < 1e-9 && abs(found[1] - (3 - left)) < 1e-9)
        #expect(found[2] == found[0] && found[3] == found[1])
        let flat = BoostedStumps(features, targets: [2, 2, 2, 2])
        #expect(flat.means(of: features) == [2, 2, 2, 2] && flat.leftOut == [2, 2, 2, 2])
    }

    @Test func bendsMatchTheReference() {
        // Values of scipy.stats.yeojohnson at 1.5 and -0.75.
        let values = [
            (-1.0, 0.6, -1.453125), (0, 0.916_290_731_874_155_1, -1.03125),
            (0.5, 1.162_277_660_168_379_3, -0.876_688_264_787_677_8),
            (1, 1.5, -0.75), (2, 2.625, -0.559_615_787_935_427_3), (3, 4.875, -0.428_571_428_571_428_57),
        ]
        for (power, above, below) in values {
            // The median is 5, the quartiles are 4 and 6.
            let scale = TargetScale([3, 4, 5, 6, 7], power: power)
            #expect(scale.middle == 5 && scale.width == 2)
            #expect(abs(scale.bent(8) - above) < 1e-12 && abs(scale.bent(3.5) - below) < 1e-12)
            for target in [3, 4.2, 5, 8.5] { #expect(abs(scale.straight(scale.bent(target)) - target) < 1e-12) }
            // A range of 4 beyond both ends.
            #expect(scale.straight(1e9) <= 11 && scale.straight(-1e9) >= -1)
            let slope = (scale.bent(6.1 + 1e-6) - scale.bent(6.1 - 1e-6)) / 2e-6 * scale.width
            #expect(abs(log(slope) - scale.logSlope(6.1)) < 1e-6)
        }
    }

    @Test func weightsByHand() {
        #expect(StackedWeights.weights([[1, 2], [0, 0]], targets: [1, 2]) == [1, 0])
        // Errors that cancel half and half.
        #expect(StackedWeights.weights([[0, 3], [2, 1]], targets: [1, 2]) == [0.5, 0.5])
        #expect(StackedWeights.weights([[5, 5]], targets: [1, 2]) == [1])
        #expect(StackedWeights.weights([[0, 0, 9], [-4, -4, 9], [1, 1, 9]], targets: [1, 1, 9]) == [0, 0, 1])
    }

    /// Three stages of depth; a quality with an interaction, and a cost that adds up.
    @Test func predictionsAreGoodAndHonest() throws {
        let space = DepthSpace(depth: 6, options: 4), encoding = GenomeEncoding(space)
        let genomes = draws(320, in: space), features = encoding.encode(genomes)
        func quality(_ genome: Genome) -> Double {
            let values = genome.choices.map(Double.init)
            return 3 * sqrt(values[0]) + values[1] * values[2] / 3 - 0.2 * values[3] + 0.5
                * sin(9 * values[4] + values[5])
        }
        let truth = genomes.map(quality), rows = Array(0..<200), rest = Array(200..<320)
        let taught = features.selecting(rows), basis = try #require(RidgeBasis(taught))
        func fit(_ targets: [Double]) -> QualityPredictor {
            QualityPredictor(taught, basis: basis, encoding: encoding, targets: rows.map { targets[$0] })
        }
        let predictor = fit(truth), found = predictor.predictions(of: features.selecting(rest))
        #expect(KendallTau(found.map(\.mean), rest.map { truth[$0] }).value > 0.85)
        let inside = zip(found, rest).count { abs($0.mean - truth[$1]) <= 1.96 * $0.spread }
        #expect(inside > 102 && inside < 120)
        #expect(abs(predictor.weights.values.reduce(0, +) - 1) < 1e-12)
        let means = predictor.means(of: features.selecting(rest))
        #expect(zip(means, found).allSatisfy { abs($0 - $1.mean) < 1e-9 })
        // Another unit changes nothing but the unit.
        let other = fit(truth.map { 1000 * $0 - 7 }).predictions(of: features.selecting(rest))
        #expect(
            zip(other, found).allSatisfy {
                abs($0.mean - (1000 * $1.mean - 7)) < 1e-2 && abs($0.spread - 1000 * $1.spread) < 1e-2
            })
        // What adds up is known.
        let exact = fit(genomes.map { genome in 5 + genome.choices.reduce(0) { $0 + 2 * Double($1) } })
        #expect(exact.weights == [.ridge: 1])
        let sums = exact.predictions(of: features.selecting(rest))
        for (prediction, row) in zip(sums, rest) {
            let sum = 5 + genomes[row].choices.reduce(0) { $0 + 2 * Double($1) }
            #expect(abs(prediction.mean - sum) < 1e-4 && prediction.spread < 1e-3)
        }
    }

    @Test func oddTargetsArePredicted() throws {
        let space = ListSpace([3, 3, 3]), encoding = GenomeEncoding(space)
        let genomes = draws(20, in: space), features = encoding.encode(genomes)
        let basis = try #require(RidgeBasis(features))
        let odd: [[Double]] = [
            genomes.map { _ in 4 }, genomes.map { Double($0.choices[0]) * 1e300 },
            genomes.map { Double($0.choices[1]) * 1e-300 },
            genomes.indices.map { $0 == 3 ? 1e9 : 0 },
        ]
        for targets in odd {
            let predictor = QualityPredictor(features, basis: basis, encoding: encoding, targets: targets)
            #expect(
                predictor.predictions(of: features).allSatisfy {
                    $0.mean.isFinite && $0.spread.isFinite && $0.spread >= 0
                })
        }
    }

    @Test func improvementsByHand() {
        #expect(
            ExpectedImprovement.below(3, mean: 1, spread: 0) == 2
                && ExpectedImprovement.below(1, mean: 3, spread: 0) == 0)
        #expect(abs(ExpectedImprovement.below(0, mean: 0, spread: 2) - 2 / (2 * Double.pi).squareRoot()) < 1e-15)
        let front = [[1.0, 4], [2, 2], [4, 1]], reference = [5.0, 5]
        for point in [[1.5, 3], [0.5, 0.5], [3, 3], [6, 0], [4.5, 0.5]] {
            let gain = Hypervolume.value(of: front + [point], reference: reference) - 11
            let planar = ExpectedImprovement.planar(over: front, reference: reference, mean: point, spread: [0, 0])
            #expect(abs(planar - gain) < 1e-12)
            let other = ExpectedImprovement.optimistic(
                over: front, reference: reference, mean: point.map { $0 + 0.25 }, spread: [0.25, 0.25])
            #expect(abs(other - gain) < 1e-12)
        }
        #expect(ExpectedImprovement.planar(over: [], reference: [1, 1], mean: [0, 0.5], spread: [0, 0]) == 0.5)
        #expect(ExpectedImprovement.additive(over: front, mean: [1.5, 3.5], spread: [0.5, 0]) == 0.5)
        #expect(ExpectedImprovement.additive(over: front, mean: [5, 5], spread: [0, 0]) == 0)
        // The mean over a fine grid of the two normal variables.
        let mean = [2.5, 2.0], spread = [0.7, 0.4]
        var sum = 0.0, total = 0.0
        for first in stride(from: -6.0, through: 6, by: 0.05) {
            for second in stride(from: -6.0, through: 6, by: 0.05) {
                let weight = exp(-(first * first + second * second) / 2)
                let point = [mean[0] + spread[0] * first, mean[1] + spread[1] * second]
                sum += weight * (Hypervolume.value(of: front + [point], reference: reference) - 11)
                total += weight
            }
        }
        let expected = ExpectedImprovement.planar(over: front, reference: reference, mean: mean, spread: spread)
        #expect(abs(expected - sum / total) < 1e-3)
    }
}
