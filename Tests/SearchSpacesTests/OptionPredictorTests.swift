import Testing

@testable import SearchSpaces

@Suite struct OptionPredictorTests {
    /// One decision of two options: A is [[1/2, -1/2], [-1/2, 1/2]], b is (-1, 1) for losses 3 and 5.
    @Test func valuesByHand() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: two
                family: external
                decisions: [{name: k, options: [1, 2]}]
                """, file: "two")
        var predictor = OptionPredictor(space, ridge: 1, forgetting: 0.5)
        let genomes = [space.smallest, space.largest]
        predictor.learn(genomes, losses: [3, 5])
        #expect(predictor.sums.products == [0.5, -0.5, 0.5] && predictor.sums.moments == [-1, 1])
        // ([[1/2, -1/2], [-1/2, 1/2]] + I)^-1 (-1, 1) = (-1/2, 1/2)
        #expect(zip(predictor.weights.values, [-0.5, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
        let before = predictor.sums
        predictor.learn(genomes, losses: [.infinity, 1])
        predictor.learn([space.smallest], losses: [1])
        #expect(predictor.sums == before)
        predictor.learn([space.smallest, space.smallest], losses: [1, 2])
        #expect(predictor.sums.products == [0.25, -0.25, 0.25] && predictor.sums.moments == [-0.5, 0.5])
        var other = OptionPredictor(space, ridge: 1)
        #expect(other.restore(before) && other.sums == before)
        #expect(try !OptionPredictor(CostBinTests.small.get(), ridge: 1).canRestore(before))
    }

    /// Losses that are sums over options and a level of their step, which falls and jumps: options are told apart all the same.
    @Test func aTrendAndTheBatchCancel() throws {
        let space = try SearchSpacesTests.space("vit-mnist")
        var random = SeededGenerator(state: 12)
        var truth = OptionWeights(space.decisions)
        for index in truth.values.indices { truth.values[index] = Float.random(in: -0.05...0.05, using: &random) }
        var clean = OptionPredictor(space, ridge: 1e-6), noisy = OptionPredictor(space, ridge: 30, forgetting: 0.9995)
        for step in 0..<3000 {
            let genomes = (0..<8).map { _ in space.randomGenome(using: &random) }
            let level = 2.0 / Double(1 + step) + Double.random(in: 0...1, using: &random)
            let losses = genomes.map { level + space.score($0, by: truth) }
            clean.learn(genomes, losses: losses)
            noisy.learn(genomes, losses: losses.map { $0 + Double.random(in: -0.3...0.3, using: &random) })
        }
        let genomes = (0..<200).map { _ in space.randomGenome(using: &random) }
        let expected = genomes.map { space.score($0, by: truth) }
        #expect(correlation(genomes.map { space.score($0, by: clean.weights) }, expected) > 0.9999)
        #expect(correlation(genomes.map { space.score($0, by: noisy.weights) }, expected) > 0.95)
        // What is told twice is the same bits.
        #expect(clean.weights == clean.weights)
    }

    /// What was told long ago counts for nothing.
    @Test func whatWasIsForgotten() throws {
        let space = try CostBinTests.small.get()
        var random = SeededGenerator(state: 3)
        let now = { (genome: Genome) in Double(space.cost(of: genome, by: .params)) / 1000 }
        var predictor = OptionPredictor(space, ridge: 0.1, forgetting: 0.9)
        for step in 0..<400 {
            let genomes = (0..<4).map { _ in space.randomGenome(using: &random) }
            predictor.learn(genomes, losses: genomes.map { step < 200 ? -now($0) : now($0) })
        }
        let genomes = (0..<50).map { _ in space.randomGenome(using: &random) }
        #expect(correlation(genomes.map { space.score($0, by: predictor.weights) }, genomes.map(now)) > 0.9)
    }

    private func correlation(_ left: [Double], _ right: [Double]) -> Double {
        let count = Double(left.count)
        let means = (left.reduce(0, +) / count, right.reduce(0, +) / count)
        var products = (0.0, 0.0, 0.0)
        for (x, y) in zip(left, right) {
            products.0 += (x - means.0) * (y - means.1)
            products.1 += (x - means.0) * (x - means.0)
            products.2 += (y - means.1) * (y - means.1)
        }
        return products.0 / (products.1 * products.2).squareRoot()
    }
}

extension OptionPredictor {
    fileprivate func canRestore(_ sums: Sums) -> Bool {
        var copy = self
        return copy.restore(sums)
    }
}
