internal import Foundation

/// Student's distribution of t = mean / standard error, for a whole number of degrees of freedom.
///
/// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), equations 26.7.3 and 26.7.4.
struct StudentT {
    /// At least 1.
    let degrees: Int

    /// P(-t < T < t), t of 0 or more.
    ///
    /// With angle = atan(t / sqrt(degrees)): sin (1 + cos^2 / 2 + (1 * 3) / (2 * 4) cos^4 + ... up to cos^(degrees - 2)) for
    /// even degrees, and 2 / pi (angle + sin (cos + 2 / 3 cos^3 + (2 * 4) / (3 * 5) cos^5 + ... up to cos^(degrees - 2))) for
    /// odd ones.
    func probability(within t: Double) -> Double {
        let angle = atan(t / Double(degrees).squareRoot())
        let isOdd = degrees % 2 == 1
        var term = isOdd ? cos(angle) : 1, sum = 0.0
        for power in stride(from: isOdd ? 1 : 0, through: degrees - 2, by: 2) {
            sum += term
            term *= cos(angle) * cos(angle) * Double(power + 1) / Double(power + 2)
        }
        return isOdd ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
    }

    /// The t for which P(-t < T < t) is a probability from 0 up to 1, by bisection.
    func quantile(within probability: Double) -> Double {
        var low = 0.0, high = 1.0
        while self.probability(within: high) < probability, high < 1e12 { high *= 2 }
        while true {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { return middle }
            if self.probability(within: middle) < probability { low = middle } else { high = middle }
        }
    }
}

/// The mean of paired differences, and half the width of the interval that has it with 95 % probability.
public struct PairedDifference: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// t * s / sqrt(n), with the 97.5 % quantile of Student's t of n - 1 degrees of freedom; nil of fewer than two pairs.
    public let halfWidth: Double?
    /// Pairs.
    public let count: Int

    /// Of some differences, of which there is at least one.
    init(_ values: [Double]) {
        count = values.count
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        guard values.count > 1 else {
            halfWidth = nil
            return
        }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
        halfWidth = StudentT(degrees: values.count - 1).quantile(within: 0.95) * error
    }

    /// Whether the interval leaves out 0.
    public var isClear: Bool { halfWidth.map { abs(mean) > $0 } ?? false }
}
