internal import Foundation
package import Tensors

/// Predicts one measured number of genomes, and how far off that may be: a mean of several predictors.
///
/// The members (ridge regression, a Gaussian process, boosted stumps) are fitted to bent targets; their weights, 0 or more and 1
/// together, have the least squared error on rows that were left out. The variance is the weighted mean of the members' own
/// variances and of how far they are from one another, times what makes the errors of rows that were left out as large as told.
///
/// Source: Breiman, "Stacked regressions" (1996); Lakshminarayanan et al., "Simple and scalable predictive uncertainty estimation
/// using deep ensembles" (2017), for the variance of a mixture.
package struct QualityPredictor: Sendable {
    /// A prediction with its spread.
    package struct Prediction: Sendable, Hashable {
        /// What is expected.
        package let mean: Double
        /// The standard deviation of what is measured around it, 0 or more.
        package let spread: Double

        package init(mean: Double, spread: Double) {
            self.mean = mean
            self.spread = spread
        }
    }

    /// Which predictors are members.
    package enum Member: String, Sendable, CaseIterable {
        case ridge
        case process
        case stumps
    }

    /// The weights of the members.
    package let weights: [Member: Double]
    /// What each row would be predicted without it.
    package let leftOut: [Double]
    private let scale: TargetScale
    private let ridge: RidgePredictor
    private let process: GaussianProcess?
    private let stumps: BoostedStumps?
    /// The variance of stumps.
    private let stumpVariance: Double
    /// What variances are multiplied by.
    private let calibration: Double

    /// Fits targets, one for each row of encoded genomes.
    ///
    /// - Parameter members: Those that may have a weight; ridge regression is always fitted.
    package init(
        _ features: DenseMatrix, basis: RidgeBasis, encoding: GenomeEncoding, targets: [Double],
        members: Set<Member> = Set(Member.allCases)
    ) {
        self.init(
            features, basis: basis, groups: encoding.groups, decisionGroups: encoding.decisionGroups,
            targets: targets, members: members)
    }

    /// Fits targets, one for each row of features, of which `groups` belong together, the first `decisionGroups` each to a decision.
    ///
    /// - Parameter members: Those that may have a weight; ridge regression is always fitted.
    package init(
        _ features: DenseMatrix, basis: RidgeBasis, groups: [Range<Int>], decisionGroups: Int, targets: [Double],
        members: Set<Member> = Set(Member.allCases)
    ) {
        let (scale, bent, ridge) = Self.bend(targets, basis)
        self.scale = scale
        self.ridge = ridge
        let count = targets.count
        // A number that features determine is known; more members only add noise to it.
        let isExact = ridge.isExact
        let process =
            members.contains(.process) && !isExact
            ? GaussianProcess(
                features, groups: groups, decisionGroups: decisionGroups, targets: bent) : nil
        let stumps = members.contains(.stumps) && !isExact && count > 4 ? BoostedStumps(features, targets: bent) : nil
        self.process = process
        self.stumps = stumps
        var candidates: [(member: Member, leftOut: [Double])] = []
        if members.contains(.ridge) || process == nil { candidates.append((.ridge, ridge.leftOut)) }
        if let process { candidates.append((.process, process.leftOut)) }
        if let stumps { candidates.append((.stumps, stumps.leftOut)) }
        let chosen = StackedWeights.weights(candidates.map(\.leftOut), targets: bent)
        let weights = Dictionary(uniqueKeysWithValues: zip(candidates.map(\.member), chosen))
        self.weights = weights
        let errors = stumps?.leftOut.indices.map { bent[$0] - (stumps?.leftOut[$0] ?? 0) } ?? []
        let stumpVariance = errors.reduce(0) { $0 + $1 * $1 } / Double(max(errors.count, 1))
        self.stumpVariance = stumpVariance
        let mixed = (0..<count).map { row in
            let parts = candidates.indices.map { index -> (Double, Double, Double) in
                let own =
                    switch candidates[index].member {
                    case .ridge: ridge.error
                    case .process: process?.leftOutVariances[row] ?? 0
                    case .stumps: stumpVariance
                    }
                return (chosen[index], candidates[index].leftOut[row], own)
            }
            return Self.mixture(parts)
        }
        let ratio = (0..<count).reduce(0.0) { sum, row in
            let error = bent[row] - mixed[row].mean
            return sum + (mixed[row].variance > 0 ? error * error / mixed[row].variance : 0)
        }
        calibration = isExact ? 1 : min(max(ratio / Double(max(count, 1)), 0.25), 9)
        leftOut = mixed.map { scale.straight($0.mean) }
    }

    /// The prediction for each row of features.
    package func means(of features: DenseMatrix) -> [Double] {
        var sums = [Double](repeating: 0, count: features.rows)
        func add(_ member: Member, _ means: () -> [Double]?) {
            guard let weight = weights[member], weight > 0, let means = means() else { return }
            for row in sums.indices { sums[row] += weight * means[row] }
        }
        add(.ridge) { ridge.means(of: features) }
        add(.process) { process?.means(of: features) }
        add(.stumps) { stumps?.means(of: features) }
        return sums.map(scale.straight)
    }

    /// The prediction for each row of features with its spread.
    package func predictions(of features: DenseMatrix) -> [Prediction] {
        var parts = [[(Double, Double, Double)]](repeating: [], count: features.rows)
        func add(_ member: Member, _ predictions: () -> [(mean: Double, variance: Double)]?) {
            guard let weight = weights[member], weight > 0, let found = predictions() else { return }
            for row in parts.indices { parts[row].append((weight, found[row].mean, found[row].variance)) }
        }
        add(.ridge) {
            zip(ridge.means(of: features), ridge.variances(of: features)).map { ($0, $1) }
        }
        add(.process) { process?.predictions(of: features) }
        add(.stumps) { stumps.map { $0.means(of: features).map { ($0, stumpVariance) } } }
        return parts.map { parts in
            let mixed = Self.mixture(parts), deviation = (mixed.variance * calibration).squareRoot()
            let low = scale.straight(mixed.mean - deviation), high = scale.straight(mixed.mean + deviation)
            return Prediction(mean: scale.straight(mixed.mean), spread: (high - low) / 2)
        }
    }

    private static func mixture(_ parts: [(Double, Double, Double)]) -> (mean: Double, variance: Double) {
        let mean = parts.reduce(0) { $0 + $1.0 * $1.1 }
        let variance = parts.reduce(0) { $0 + $1.0 * ($1.2 + ($1.1 - mean) * ($1.1 - mean)) }
        return (mean, variance)
    }

    /// The bend under which ridge regression's errors on rows that were left out are most likely, with that fit.
    private static func bend(_ targets: [Double], _ basis: RidgeBasis) -> (TargetScale, [Double], RidgePredictor) {
        func fit(_ power: Double) -> (TargetScale, [Double], RidgePredictor) {
            let scale = TargetScale(targets, power: power), bent = targets.map(scale.bent)
            return (scale, bent, RidgePredictor(basis, targets: bent))
        }
        var best = fit(1), highest = -Double.infinity
        // So few rows tell no shape, and what is exact needs none.
        guard targets.count >= 16, !best.2.isExact else { return best }
        for power in TargetScale.powers {
            let found = power == 1 ? best : fit(power), size = Double(targets.count)
            let slopes = targets.reduce(0) { $0 + found.0.logSlope($1) }
            let value = slopes - size / 2 * log(max(found.2.error, 1e-300))
            if value > highest, found.1.allSatisfy(\.isFinite) { (best, highest) = (found, value) }
        }
        return best
    }
}

/// Weights of predictors, 0 or more and 1 together.
enum StackedWeights {
    private static let steps = 20

    /// The weights in steps of 0.05 with the least squared error of the weighted mean; the first of equal ones.
    ///
    /// - Parameter predictions: For each predictor what it says of each row without having seen it.
    static func weights(_ predictions: [[Double]], targets: [Double]) -> [Double] {
        guard predictions.count > 1, !targets.isEmpty else { return predictions.map { _ in 1 } }
        let errors = predictions.map { zip($0, targets).map { $0 - $1 } }
        let products = errors.map { left in errors.map { right in zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } } }
        var best: (error: Double, weights: [Double])?
        func visit(_ weights: [Double], left: Int) {
            guard weights.count < predictions.count - 1 else {
                let all = weights + [Double(left) / Double(steps)]
                var error = 0.0
                for first in all.indices {
                    for second in all.indices { error += all[first] * all[second] * products[first][second] }
                }
                if error < (best?.error ?? .infinity) { best = (error, all) }
                return
            }
            for share in 0...left { visit(weights + [Double(share) / Double(steps)], left: left - share) }
        }
        visit([], left: steps)
        return best?.weights ?? predictions.map { _ in 1 / Double(predictions.count) }
    }
}
