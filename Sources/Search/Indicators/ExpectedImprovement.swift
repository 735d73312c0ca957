internal import Foundation

/// How much a point of which only a prediction is known improves on a front; all objectives are minimised.
///
/// Objectives are independent normal variables; a spread of 0 is an exact value.
///
/// Source: Emmerich, Deutz and Klinkenberg, "Hypervolume-based expected improvement" (2011), for two objectives, where the
/// improvement is a sum over the strips of the staircase of products of one factor for each objective.
enum ExpectedImprovement {
    /// E max(0, c - y) of a normal y.
    static func below(_ bound: Double, mean: Double, spread: Double) -> Double {
        if bound == -.infinity { return 0 }
        guard spread > 0 else { return max(bound - mean, 0) }
        let z = (bound - mean) / spread
        let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
        return max((bound - mean) * erfc(-z / 2.squareRoot()) / 2 + spread * density, 0)
    }

    /// The expected gain of hypervolume in two objectives.
    ///
    /// - Parameter stairs: The front by rising first and falling second objective, inside the reference point.
    static func planar(
        over stairs: [[Double]], reference: [Double], mean: [Double], spread: [Double]
    ) -> Double {
        var gain = 0.0, reached = 0.0, height = reference[1]
        for index in 0...stairs.count {
            let edge = index < stairs.count ? stairs[index][0] : reference[0]
            let upTo = below(edge, mean: mean[0], spread: spread[0])
            if upTo > reached {
                gain += (upTo - reached) * below(height, mean: mean[1], spread: spread[1])
                reached = upTo
            }
            if index < stairs.count { height = stairs[index][1] }
        }
        return gain
    }

    /// The gain of hypervolume of the point that lies its spreads below what is expected, in any number of objectives.
    static func optimistic(
        over front: [[Double]], reference: [Double], mean: [Double], spread: [Double]
    ) -> Double {
        let point = zip(mean, spread).map { $0 - $1 }
        guard zip(point, reference).allSatisfy({ $0 < $1 }) else { return 0 }
        let box = zip(point, reference).reduce(1) { $0 * ($1.1 - $1.0) }
        let limited = front.map { zip($0, point).map { max($0, $1) } }
        return max(box - Hypervolume.value(of: limited, reference: reference), 0)
    }

    /// By how much every member of the front is beaten in some objective by the point that lies its spreads below what is
    /// expected: `min over a of max over i of a[i] - (mean[i] - spread[i])`, for objectives too many for a hypervolume.
    ///
    /// Source: Zitzler et al., "Performance assessment of multiobjective optimizers" (2003), the additive epsilon indicator.
    static func additive(over front: [[Double]], mean: [Double], spread: [Double]) -> Double {
        let gains = front.map { member in
            mean.indices.reduce(-Double.infinity) { max($0, member[$1] - mean[$1] + spread[$1]) }
        }
        return max(gains.min() ?? 1, 0)
    }
}
