internal import Foundation

/// How targets are bent before something is fitted to them: `t = Y((y - median) / s)`, with Yeo and Johnson's power family Y.
///
/// Latencies are products rather than sums, and a few bad networks lie far from all others; which power makes the errors of a fit
/// most alike is chosen by their likelihood.
///
/// Source: Yeo and Johnson, "A new family of power transformations to improve normality or symmetry" (2000).
struct TargetScale: Sendable, Equatable {
    /// The powers that are tried; 1 bends nothing.
    static let powers: [Double] = [-1, 0, 0.5, 1, 1.5, 2, 3]

    let middle: Double
    let width: Double
    let power: Double
    /// The ends of the targets, a whole range beyond which nothing is predicted.
    private let ends: ClosedRange<Double>

    /// The scale of some targets, of which there is one at least.
    init(_ targets: [Double], power: Double) {
        let sorted = targets.sorted(), count = sorted.count
        middle = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
        let quarters = sorted[3 * count / 4] - sorted[count / 4]
        let range = sorted[count - 1] - sorted[0]
        width = max(quarters, range / 20) > 0 ? max(quarters, range / 20) : 1
        self.power = power
        ends = (sorted[0] - range)...(sorted[count - 1] + range)
    }

    /// Y of a target.
    func bent(_ target: Double) -> Double {
        let z = (target - middle) / width
        if power == 1 { return z }
        if z >= 0 { return power == 0 ? log(1 + z) : (pow(1 + z, power) - 1) / power }
        return power == 2 ? -log(1 - z) : -(pow(1 - z, 2 - power) - 1) / (2 - power)
    }

    /// ln of the slope of Y at a target, but for the width.
    func logSlope(_ target: Double) -> Double {
        let z = (target - middle) / width
        return z >= 0 ? (power - 1) * log(1 + z) : (1 - power) * log(1 - z)
    }

    /// The target of a bent one, kept within a range of the targets beyond both of their ends.
    func straight(_ bent: Double) -> Double {
        var z = bent
        if power != 1 {
            if bent >= 0 {
                let base = power * bent + 1
                z = power == 0 ? exp(bent) - 1 : base > 0 ? pow(base, 1 / power) - 1 : .infinity
            } else {
                let base = 1 - (2 - power) * bent
                z = power == 2 ? 1 - exp(-bent) : base > 0 ? 1 - pow(base, 1 / (2 - power)) : -.infinity
            }
        }
        return min(max(middle + width * z, ends.lowerBound), ends.upperBound)
    }
}
