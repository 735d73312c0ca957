internal import Foundation
package import Tensors

/// What of a table of features does not depend on targets or penalties: X - mean = U diag(sqrt(lambda)) V^T.
package struct RidgeBasis: Sendable {
    let means: [Double]
    /// lambda, the eigenvalues of the smaller one of X X^T and X^T X that are not 0.
    let eigenvalues: [Double]
    /// U^T, (component, row).
    let left: DenseMatrix
    /// U, (row, component).
    let rows: DenseMatrix
    /// V^T, (component, feature).
    let right: DenseMatrix

    /// Decomposes features, (row, feature); nil where one is not finite. O(n p min(n, p) + min(n, p)^3).
    package init?(_ features: DenseMatrix) {
        means = features.columnMeans
        let centered = features.shifted(by: means), columns = centered.transposed
        let isDual = features.rows < features.columns
        let gram = isDual ? centered.lowerGram : columns.lowerGram
        guard let eigen = SymmetricEigen(gram) else { return nil }
        let least = (eigen.values.max() ?? 0) * 1e-12
        let places = eigen.values.indices.filter { eigen.values[$0] > max(least, 1e-300) }
        eigenvalues = places.map { eigen.values[$0] }
        let vectors = eigen.vectors.selecting(places)
        let other = vectors.timesTransposed(isDual ? columns : centered)
        let scales = eigenvalues.map { 1 / $0.squareRoot() }
        let scaled = other.transposed.shifted(by: scales.map { _ in 0 }, scaled: scales).transposed
        left = isDual ? vectors : scaled
        right = isDual ? scaled : vectors
        rows = left.transposed
    }
}

/// Ridge regression with a free intercept, whose penalty has the least error of leaving one out.
///
/// With H = 1/n + U diag(lambda / (lambda + r)) U^T the error of a row that is left out is `(y - H y)_i / (1 - H_ii)`, exactly, for
/// every penalty r from one decomposition.
///
/// Source: Hoerl and Kennard, "Ridge regression" (1970); Golub, Heath and Wahba, "Generalized cross-validation" (1979).
package struct RidgePredictor: Sendable {
    /// Penalties, as shares of the mean eigenvalue over all rows.
    static let penalties = ([-14, -12, -10] + stride(from: -8.0, through: 2, by: 0.5)).map { pow(10, $0) }

    /// The chosen penalty r.
    package let penalty: Double
    /// What each row would be predicted without it.
    package let leftOut: [Double]
    /// The mean squared error of those.
    package let error: Double
    /// Whether features determine targets.
    package let isExact: Bool
    private let variance: Double
    let basis: RidgeBasis
    private let intercept: Double
    private let coefficients: [Double]

    /// Fits targets, one for each row. O(penalties x n x components).
    package init(_ basis: RidgeBasis, targets: [Double]) {
        self.basis = basis
        let count = Double(max(targets.count, 1)), mean = targets.reduce(0, +) / count
        let centered = targets.map { $0 - mean }, variance = centered.reduce(0) { $0 + $1 * $1 } / count
        let projected = basis.left.times(centered)
        let level = basis.eigenvalues.reduce(0, +) / count
        // What no penalty explains: nothing of a row that is alone in some feature, whatever rounding says.
        let isComplete = basis.eigenvalues.count >= targets.count - 1
        let explained = basis.left.transposedTimes(projected), shares = basis.leverages(projected.map { _ in 1 })
        let free = centered.indices.map { row in
            let share = 1 - 1 / count - shares[row]
            return isComplete || share < 1e-10 ? 0 : share
        }
        let rest = centered.indices.map { free[$0] == 0 ? 0 : centered[$0] - explained[$0] }
        var best: (error: Double, penalty: Double, leftOut: [Double])?
        var isExact = false
        for share in Self.penalties where !isExact {
            let penalty = share * (level > 0 ? level : 1)
            let remains = basis.eigenvalues.map { penalty / ($0 + penalty) }
            let missed = basis.left.transposedTimes(zip(projected, remains).map { $0 * $1 })
            let open = basis.leverages(remains)
            var error = 0.0, told = 0.0, toldError = 0.0
            let leftOut = targets.indices.map { row in
                let share = free[row] + open[row]
                let residual = share > 0 ? (rest[row] + missed[row]) / share : centered[row]
                error += residual * residual
                if share > 1e-3 {
                    told += 1
                    toldError += residual * residual
                }
                return targets[row] - residual
            }
            // Features that determine most rows without a penalty to speak of are a law, though some rows are alone in theirs.
            isExact = share < 1e-9 && told > 2.0 / 3 * count && toldError <= 1e-10 * variance * told
            error = isExact ? toldError / told : error / count
            if isExact || error < (best?.error ?? .infinity) { best = (error, penalty, leftOut) }
        }
        self.isExact = isExact || variance == 0
        self.variance = variance
        let penalty = best?.penalty ?? 1
        self.penalty = penalty
        leftOut = best?.leftOut ?? targets
        error = best?.error ?? 0
        intercept = mean
        coefficients = basis.right.transposedTimes(
            zip(projected, basis.eigenvalues).map { $0 * $1.squareRoot() / ($1 + penalty) })
    }

    /// The prediction for each row of features.
    package func means(of features: DenseMatrix) -> [Double] {
        let shift = intercept - zip(basis.means, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
        return features.times(coefficients).map { $0 + shift }
    }

    /// The variance of the prediction for each row of features: `e (1 + 1/n + x (X^T X + r)^-1 x^T)` for the error e of leaving one
    /// out, and at most a few times that of the targets.
    package func variances(of features: DenseMatrix) -> [Double] {
        let centered = features.shifted(by: basis.means), projected = centered.timesTransposed(basis.right)
        let squares = centered.rowSquares, level = max(error, 1e-14 * variance)
        return (0..<projected.rows).map { row in
            var leverage = 1 / Double(max(basis.rows.rows, 1)), inside = 0.0
            for (value, eigenvalue) in zip(projected[row], basis.eigenvalues) {
                leverage += value * value / (eigenvalue + penalty)
                inside += value * value
            }
            let outside = squares[row] - inside
            if outside > 1e-10 * squares[row] { leverage += outside / penalty }
            return min(level * (1 + leverage), max(4 * variance, 2 * level))
        }
    }
}

extension RidgeBasis {
    /// `sum_k U[i, k]^2 s[k]` of each row i.
    fileprivate func leverages(_ shrinkage: [Double]) -> [Double] {
        (0..<rows.rows).map { row in zip(rows[row], shrinkage).reduce(0) { $0 + $1.0 * $1.0 * $1.1 } }
    }
}
