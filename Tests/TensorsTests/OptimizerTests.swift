import Foundation
import Testing

@testable import Tensors

@Suite struct OptimizerTests {
    @Test func learningRateByHand() {
        let rate = LearningRate(peak: 0.8, warmup: 4, steps: 8)
        let expected = [
            0.2, 0.4, 0.6, 0.8, 0.8, 0.4 * (1 + cos(Double.pi / 4)), 0.4, 0.4 * (1 - cos(Double.pi / 4)), 0,
        ]
        for (step, value) in expected.enumerated() { #expect(abs(rate.rate(at: step) - value) < 1e-12, "step \(step)") }
        let constant = LearningRate(peak: 0.8, warmup: 2, steps: 8, course: .constant)
        #expect((0..<4).map(constant.rate) == [0.4, 0.8, 0.8, 0.8])
    }

    /// Two updates of one weight worked by hand.
    @Test func adamWByHand() throws {
        let kernels = try Kernels()
        let weights = buffer([1]), gradient = buffer([0.5])
        let optimizer = AdamW(count: 1, epsilon: 1e-8, decay: 0.1)
        optimizer.update(
            0..<1, of: weights, by: gradient, step: 1, rate: 0.01, gradientScale: 1, with: kernels)
        // m' = g, v' = g^2: the first step is rate * sign(g).
        #expect(abs(weights.base[0] - (1 * (1 - 0.001) - 0.01)) < 1e-6)
        gradient.base[0] = -1
        optimizer.update(0..<1, of: weights, by: gradient, step: 2, rate: 0.01, gradientScale: 0.5, with: kernels)
        let m = (0.9 * 0.05 + 0.1 * -0.5) / (1 - 0.81)
        let v = (0.999 * 0.001 * 0.25 + 0.001 * 0.25) / (1 - 0.999 * 0.999)
        #expect(abs(Double(weights.base[0]) - (0.989 * 0.999 - 0.01 * m / (v.squareRoot() + 1e-8))) < 1e-6)
        #expect(optimizer.moments.map(\.name) == ["mean", "variance"])
    }

    @Test func nesterovByHand() throws {
        let weights = buffer([1]), gradient = buffer([0.5])
        let optimizer = SGD(count: 1, momentum: 0.9, decay: 0.1, isNesterov: true)
        for step in 1...2 {
            optimizer.update(
                0..<1, of: weights, by: gradient, step: step, rate: 0.1, isDecayed: step == 1, gradientScale: 2,
                with: try Kernels())
        }
        // d = 1.1, v = 1.1, w = 1 - 0.1 (1.1 + 0.99) = 0.791; without decay d = 1, v = 1.99, w = 0.791 - 0.1 (1 + 1.791) = 0.5119
        #expect(abs(weights.base[0] - 0.5119) < 1e-6)
    }

    @Test func sgdByHand() throws {
        let weights = buffer([1, 2]), gradient = buffer([0.5, 9])
        let optimizer = SGD(count: 2, momentum: 0.9, decay: 0.1)
        for step in 1...2 {
            // The second weight lies outside of the range.
            optimizer.update(
                0..<1, of: weights, by: gradient, step: step, rate: 0.1, gradientScale: 2, with: try Kernels())
        }
        // v = 1.1, w = 0.89; v = 0.99 + 1 + 0.089 = 2.079, w = 0.6821
        #expect(abs(weights.base[0] - 0.6821) < 1e-6 && weights.base[1] == 2)
    }
}
