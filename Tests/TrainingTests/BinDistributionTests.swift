import Testing

@testable import Training

@Suite struct BinDistributionTests {
    /// By hand: four equal bins, the first fell by 1: 1/4 (-1 + 1/4) = -3/16 there, 1/4 * 1/4 = 1/16 elsewhere.
    @Test func theGradientOfTheExpectedChange() {
        var bins = BinDistribution(bins: 4)
        let gradient = bins.gradient(ofExpected: [-1, 0, 0, 0])
        #expect(gradient == [-0.1875, 0.0625, 0.0625, 0.0625])
        #expect(abs(gradient.reduce(0, +)) < 1e-15)
        bins.update(by: gradient, rate: 0.06)
        let p = bins.probabilities
        #expect(p[0] > 0.25 && p[1...].allSatisfy { $0 < 0.25 } && abs(p.reduce(0, +) - 1) < 1e-12)
        // Adam's first step is the rate against the sign.
        #expect(abs(bins.logits[0] - 0.06) < 1e-6 && abs(bins.logits[3] + 0.06) < 1e-6)
    }

    /// With unequal probabilities: p = (0.5, 0.25, 0.25), changes (-0.2, -0.1, 0.1), expectation -0.1.
    @Test func unequalBins() {
        var bins = BinDistribution(bins: 3)
        bins = BinDistribution(logits: [0.6931471805599453, 0, 0])
        let gradient = bins.gradient(ofExpected: [-0.2, -0.1, 0.1])
        for (found, expected) in zip(gradient, [-0.05, 0, 0.05]) { #expect(abs(found - expected) < 1e-12) }
    }

    @Test func equalChangesMoveNothing() {
        var bins = BinDistribution(logits: [0.3, -0.2, 0.1])
        let before = bins.logits
        for _ in 0..<5 { bins.update(by: bins.gradient(ofExpected: [-0.5, -0.5, -0.5]), rate: 0.06) }
        for (left, right) in zip(bins.logits, before) { #expect(abs(left - right) < 1e-5) }
        #expect(BinDistribution(bins: 8).totalVariation == 0)
    }

    /// The sampled gradient, weighted by the probabilities of the draw, is the expected one.
    @Test func theSampledGradientIsUnbiased() {
        let bins = BinDistribution(logits: [0.4, -0.3, 0.2, 0])
        let changes = [-0.3, 0.1, -0.05, 0.2]
        var mean = [Double](repeating: 0, count: 4)
        for (bin, probability) in bins.probabilities.enumerated() {
            let gradient = bins.gradient(ofSampled: changes[bin], bin: bin, baseline: 0.7)
            for index in mean.indices { mean[index] += probability * gradient[index] }
        }
        for (found, expected) in zip(mean, bins.gradient(ofExpected: changes)) {
            #expect(abs(found - expected) < 1e-12)
        }
    }

    @Test func placesOfNumbers() {
        let bins = BinDistribution(logits: [0, 0, 0, 0])
        #expect([0, 0.2499, 0.25, 0.74, 0.99999].map(bins.bin(at:)) == [0, 0, 1, 2, 3])
    }
}
