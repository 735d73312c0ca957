internal import Foundation
package import Tensors

/// A Gaussian process over encoded genomes, whose kernel learns which decisions count.
///
/// `k(x, x') = M(d) + l (1 + <x, x'>) + e [x = x']` times one amplitude, where M is the Matern kernel of smoothness 5/2, and
/// `d^2 = sum_g t_g |x_g - x'_g|^2` has a weight for each group of features: of a decision, which makes it a kernel over categories
/// and sizes, or of the counts of a name. Weights, l and e have the greatest marginal likelihood, the amplitude in closed form:
/// first with one weight for all decisions, then each by itself, kept near that one by a prior.
///
/// Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning" (2006), sections 4.2, 5.1 and 5.4.2 (leaving one out);
/// steps by signs of the gradient: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning" (1993).
package struct GaussianProcess: Sendable {
    /// ln of the weights of groups, of l and of e.
    package struct Parameters: Sendable, Equatable {
        package var weights: [Double]
        package var linear: Double
        package var noise: Double
    }

    /// Rows on which parameters are learned, spread over all.
    static let mostRows = 100

    /// What was learned.
    package let parameters: Parameters
    /// What each row would be predicted without it.
    package let leftOut: [Double]
    /// The variance of those predictions, noise included.
    package let leftOutVariances: [Double]
    private let kernel: EncodedKernel
    private let rows: DenseMatrix
    private let scaledRows: DenseMatrix
    private let squares: [Double]
    private let cholesky: Cholesky
    private let solution: [Double]
    private let mean: Double
    private let amplitude: Double

    /// Learns from features, (row, feature), of which `groups` belong together, the first `decisionGroups` each to a decision.
    ///
    /// Nil where nothing can be learned: fewer than three rows, or targets that are all alike.
    package init?(
        _ features: DenseMatrix, groups: [Range<Int>], decisionGroups: Int, targets: [Double],
        parameters: Parameters? = nil
    ) {
        let count = targets.count
        guard count > 2, !groups.isEmpty else { return nil }
        mean = targets.reduce(0, +) / Double(count)
        let centered = targets.map { [mean] in $0 - mean }
        guard centered.contains(where: { abs($0) > 1e-12 * (1 + abs(targets[0])) }) else { return nil }
        let learned =
            parameters
            ?? KernelLearning(features, groups: groups, decisionGroups: decisionGroups, targets: centered).parameters
        self.parameters = learned
        kernel = EncodedKernel(features, groups: groups, parameters: learned)
        rows = kernel.centered(features)
        scaledRows = kernel.scaled(rows)
        squares = scaledRows.rowSquares
        var covariance = kernel.matrix(rows, scaledRows, squares)
        for index in 0..<count { covariance[index, index] += exp(learned.noise) }
        var decomposed = Cholesky(covariance), jitter = 1e-10
        while decomposed == nil, jitter < 1 {
            for index in 0..<count { covariance[index, index] += jitter * covariance[index, index] }
            decomposed = Cholesky(covariance)
            jitter *= 10
        }
        guard let decomposed else { return nil }
        cholesky = decomposed
        let inverse = decomposed.transposedInverse
        solution = inverse.times(decomposed.forward(centered))
        amplitude = max(zip(centered, solution).reduce(0) { $0 + $1.0 * $1.1 } / Double(count), 1e-300)
        let precisions = inverse.rowSquares
        leftOut = targets.indices.map { [solution] in targets[$0] - solution[$0] / precisions[$0] }
        leftOutVariances = precisions.map { [amplitude] in amplitude / $0 }
    }

    /// The prediction for each row of features.
    package func means(of features: DenseMatrix) -> [Double] {
        cross(features).times(solution).map { $0 + mean }
    }

    /// The prediction for each row of features and its variance, noise included.
    package func predictions(of features: DenseMatrix) -> [(mean: Double, variance: Double)] {
        let cross = cross(features), means = cross.times(solution), own = kernel.diagonal(kernel.centered(features))
        return (0..<cross.rows).map { row in
            let explained = cholesky.forward(Array(cross[row])).reduce(0) { $0 + $1 * $1 }
            let noise = exp(parameters.noise)
            return (means[row] + mean, amplitude * max(own[row] + noise - explained, noise))
        }
    }

    private func cross(_ features: DenseMatrix) -> DenseMatrix {
        let others = kernel.centered(features), scaled = kernel.scaled(others)
        return kernel.matrix(others, scaled, scaled.rowSquares, rows, scaledRows, squares)
    }
}

/// The kernel with its parameters, of features as they come.
private struct EncodedKernel: Sendable {
    private let means: [Double]
    /// Makes the mean square length of a centred row 1.
    private let unit: [Double]
    private let roots: [Double]
    private let linear: Double

    init(_ features: DenseMatrix, groups: [Range<Int>], parameters: GaussianProcess.Parameters) {
        means = features.columnMeans
        let square = features.shifted(by: means).rowSquares.reduce(0, +) / Double(max(features.rows, 1))
        let scale = square > 0 ? 1 / square.squareRoot() : 1
        unit = means.map { _ in scale }
        var roots = [Double](repeating: 0, count: means.count)
        // Distances are of features as they come, rows of the linear part have length 1.
        for (group, weight) in zip(groups, parameters.weights) {
            for column in group { roots[column] = exp(weight / 2) / scale }
        }
        self.roots = roots
        linear = exp(parameters.linear)
    }

    func centered(_ features: DenseMatrix) -> DenseMatrix { features.shifted(by: means, scaled: unit) }

    func scaled(_ centered: DenseMatrix) -> DenseMatrix {
        centered.shifted(by: roots.map { _ in 0 }, scaled: roots)
    }

    func diagonal(_ centered: DenseMatrix) -> [Double] { centered.rowSquares.map { 1 + linear * (1 + $0) } }

    func matrix(
        _ left: DenseMatrix, _ leftScaled: DenseMatrix, _ leftSquares: [Double], _ right: DenseMatrix,
        _ rightScaled: DenseMatrix, _ rightSquares: [Double]
    ) -> DenseMatrix {
        var result = leftScaled.timesTransposed(rightScaled)
        result.update(with: left.timesTransposed(right)) { row, column, product, straight in
            value(leftSquares[row] + rightSquares[column] - 2 * product, straight)
        }
        return result
    }

    /// The covariance of rows with themselves, of which only the lower half is there.
    func matrix(_ rows: DenseMatrix, _ scaled: DenseMatrix, _ squares: [Double]) -> DenseMatrix {
        var result = scaled.lowerGram
        result.update(with: rows.lowerGram, isLower: true) { row, column, product, straight in
            value(squares[row] + squares[column] - 2 * product, straight)
        }
        return result
    }

    private func value(_ square: Double, _ straight: Double) -> Double {
        Matern.value(max(square, 0)) + linear * (1 + straight)
    }
}

/// The Matern kernel of smoothness 5/2 as a function of the squared distance.
enum Matern {
    static func value(_ square: Double) -> Double {
        let root = (5 * square).squareRoot()
        return (1 + root + root * root / 3) * exp(-root)
    }

    /// The value, and its derivative by the squared distance.
    static func both(_ square: Double) -> (value: Double, slope: Double) {
        let root = (5 * square).squareRoot(), decay = exp(-root)
        return ((1 + root + root * root / 3) * decay, -5.0 / 6 * (1 + root) * decay)
    }
}

/// Finds the parameters of the kernel.
private struct KernelLearning {
    private let count: Int
    private let targets: [Double]
    /// The squared distances in each group, (group, pair), pairs (row, column) with column < row.
    private let distances: DenseMatrix
    /// Inner products of centred rows whose mean square length is 1, (pair), and of rows with themselves.
    private let products: [Double]
    private let squares: [Double]
    private(set) var parameters: GaussianProcess.Parameters

    init(_ features: DenseMatrix, groups: [Range<Int>], decisionGroups: Int, targets all: [Double]) {
        let places = Self.spread(all.count)
        let rows = features.selecting(places)
        count = places.count
        let mean = places.reduce(0) { $0 + all[$1] } / Double(places.count)
        targets = places.map { all[$0] - mean }
        let pairs = count * (count - 1) / 2
        let kernel = rows.shifted(by: features.columnMeans)
        let own = kernel.rowSquares, level = own.reduce(0, +) / Double(count)
        let scale = level > 0 ? 1 / level : 1
        squares = own.map { $0 * scale }
        var flat: [Double] = []
        flat.reserveCapacity(pairs)
        let gram = kernel.lowerGram
        for row in 0..<count { for column in 0..<row { flat.append(gram[row, column] * scale) } }
        products = flat
        var distances = DenseMatrix(rows: groups.count, columns: pairs)
        for (index, group) in groups.enumerated() {
            let part = rows.columns(group), squares = part.rowSquares, gram = part.lowerGram
            var pair = 0
            for row in 0..<count {
                for column in 0..<row {
                    distances[index, pair] = max(squares[row] + squares[column] - 2 * gram[row, column], 0)
                    pair += 1
                }
            }
        }
        self.distances = distances
        let total = (0..<groups.count).reduce(0) { $0 + distances[$1].reduce(0, +) } / Double(max(pairs, 1))
        let start = log(1 / max(total, 1e-9))
        parameters = GaussianProcess.Parameters(
            weights: groups.map { _ in start }, linear: log(0.3), noise: log(0.03))
        let shared = groups.indices.map { $0 < decisionGroups ? 0 : 1 }
        climb(steps: 14, ties: shared, center: parameters.weights, width: 3)
        climb(steps: 18, ties: Array(groups.indices), center: parameters.weights, width: 1.2)
    }

    private static func spread(_ count: Int) -> [Int] {
        guard count > GaussianProcess.mostRows else { return Array(0..<count) }
        return (0..<GaussianProcess.mostRows).map { $0 * count / GaussianProcess.mostRows }
    }

    /// Steps along the signs of the gradient, and keeps the best that was met.
    private mutating func climb(steps: Int, ties: [Int], center: [Double], width: Double) {
        let size = (ties.max() ?? -1) + 1
        var current = parameters, best = (value: -Double.infinity, parameters: parameters)
        var lengths = [Double](repeating: 0.5, count: size + 2), last = [Double](repeating: 0, count: size + 2)
        for _ in 0..<steps {
            guard let (value, slopes) = posterior(current, center: center, width: width) else { break }
            if value > best.value { best = (value, current) }
            var gradient = [Double](repeating: 0, count: size + 2)
            for (group, tie) in ties.enumerated() { gradient[tie] += slopes[group] }
            gradient[size] = slopes[ties.count]
            gradient[size + 1] = slopes[ties.count + 1]
            for index in gradient.indices {
                let agreement = gradient[index] * last[index]
                if agreement > 0 { lengths[index] = min(lengths[index] * 1.3, 1.5) }
                if agreement < 0 {
                    lengths[index] = max(lengths[index] * 0.5, 0.02)
                    gradient[index] = 0
                }
            }
            last = gradient
            func step(_ index: Int) -> Double {
                gradient[index] > 0 ? lengths[index] : gradient[index] < 0 ? -lengths[index] : 0
            }
            for (group, tie) in ties.enumerated() {
                current.weights[group] = min(max(current.weights[group] + step(tie), -14), 6)
            }
            current.linear = min(max(current.linear + step(size), -9), 9)
            current.noise = min(max(current.noise + step(size + 1), -18), 3)
        }
        parameters = best.parameters
    }

    /// The logarithm of marginal likelihood and prior, and its gradient by weights, l and e; nil where it cannot be computed.
    private func posterior(
        _ parameters: GaussianProcess.Parameters, center: [Double], width: Double
    ) -> (value: Double, gradient: [Double])? {
        let weights = parameters.weights.map { exp($0) }, linear = exp(parameters.linear), noise = exp(parameters.noise)
        let squared = distances.transposedTimes(weights)
        var covariance = DenseMatrix(rows: count, columns: count), slopes = squared, pair = 0
        for row in 0..<count {
            for column in 0..<row {
                let (value, slope) = Matern.both(squared[pair])
                covariance[row, column] = value + linear * (1 + products[pair])
                slopes[pair] = slope
                pair += 1
            }
            covariance[row, row] = 1 + linear * (1 + squares[row]) + noise + 1e-10
        }
        guard let cholesky = Cholesky(covariance) else { return nil }
        let half = cholesky.transposedInverse, inverse = half.upperTimesTransposed
        let solution = half.times(cholesky.forward(targets))
        let fit = max(zip(targets, solution).reduce(0) { $0 + $1.0 * $1.1 }, 1e-300), size = Double(count)
        var value = -size / 2 * log(fit / size) - cholesky.logDeterminant / 2
        // The gradient by a parameter is half the sum of W times what the covariance changes by.
        let scale = size / fit
        var byLinear = 0.0, byNoise = 0.0
        pair = 0
        for row in 0..<count {
            for column in 0..<row {
                // Off the diagonal every pair stands twice.
                let weight = scale * solution[row] * solution[column] - inverse[row, column]
                byLinear += weight * (1 + products[pair])
                slopes[pair] *= weight
                pair += 1
            }
            let weight = (scale * solution[row] * solution[row] - inverse[row, row]) / 2
            byLinear += weight * (1 + squares[row])
            byNoise += weight
        }
        var gradient = zip(distances.times(slopes), weights).map { $0 * $1 }
        gradient.append(byLinear * linear)
        gradient.append(byNoise * noise)
        let priors: [(at: Double, center: Double, width: Double)] =
            zip(parameters.weights, center).map { ($0, $1, width) }
            + [(parameters.linear, log(0.3), 3), (parameters.noise, log(0.01), 3)]
        for (index, prior) in priors.enumerated() {
            let distance = (prior.at - prior.center) / prior.width
            value -= distance * distance / 2
            gradient[index] -= distance / prior.width
        }
        return value.isFinite ? (value, gradient) : nil
    }
}
