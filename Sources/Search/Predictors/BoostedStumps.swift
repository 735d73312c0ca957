package import Tensors

/// A sum of many small steps, each at a threshold of one feature, by least squares on what is left.
///
/// Source: Friedman, "Greedy function approximation: a gradient boosting machine" (2001), with trees of one split.
package struct BoostedStumps: Sendable {
    /// One step: what is added at and below a threshold of a feature, and above it.
    private struct Stump {
        let feature: Int
        let threshold: Double
        let low: Double
        let high: Double
    }

    private static let rounds = 50
    private static let rate = 0.3
    /// The most thresholds of a feature.
    private static let mostLevels = 12

    /// What each row would be predicted without the fourth of the rows that it is in.
    package let leftOut: [Double]
    private let mean: Double
    private let stumps: [Stump]

    /// Fits targets, one for each row of features, (row, feature). O(rounds x rows x features).
    package init(_ features: DenseMatrix, targets: [Double]) {
        let bins = Bins(features, most: Self.mostLevels), all = Array(targets.indices)
        (mean, stumps, _) = Self.fit(bins, targets, rows: all)
        var leftOut = targets
        let folds = min(4, targets.count)
        for fold in 0..<folds {
            let fitted = Self.fit(bins, targets, rows: all.filter { $0 % folds != fold }).fitted
            for row in all where row % folds == fold { leftOut[row] = fitted[row] }
        }
        self.leftOut = leftOut
    }

    /// The prediction for each row of features.
    package func means(of features: DenseMatrix) -> [Double] {
        (0..<features.rows).map { row in
            stumps.reduce(mean) { $0 + (features[row, $1.feature] <= $1.threshold ? $1.low : $1.high) }
        }
    }

    /// Features in few levels, feature after feature.
    private struct Bins {
        let rows: Int
        /// The upper ends of all levels but the last, by feature.
        let thresholds: [[Double]]
        /// The level of each row, (feature, row).
        let levels: [[UInt8]]

        init(_ features: DenseMatrix, most: Int) {
            rows = features.rows
            let columns = features.transposed
            var thresholds: [[Double]] = [], levels: [[UInt8]] = []
            for feature in 0..<columns.rows {
                let values = Array(columns[feature]), sorted = Array(Set(values)).sorted()
                let middles = zip(sorted, sorted.dropFirst()).map { ($0 + $1) / 2 }
                let ends =
                    middles.count <= most
                    ? middles : (0..<most).map { middles[$0 * middles.count / most] }
                thresholds.append(ends)
                levels.append(values.map { value in UInt8(ends.count { $0 < value }) })
            }
            self.thresholds = thresholds
            self.levels = levels
        }
    }

    /// The steps that some rows teach, and what they come to for every row.
    private static func fit(
        _ bins: Bins, _ targets: [Double], rows: [Int]
    ) -> (mean: Double, stumps: [Stump], fitted: [Double]) {
        let count = Double(max(rows.count, 1)), mean = rows.reduce(0) { $0 + targets[$1] } / count
        var fitted = [Double](repeating: mean, count: bins.rows), stumps: [Stump] = []
        let open = bins.thresholds.indices.filter { !bins.thresholds[$0].isEmpty }
        // How many of the rows are at each level never changes.
        var sizes: [[Double]] = bins.thresholds.map { _ in [] }
        for feature in open {
            sizes[feature] = [Double](repeating: 0, count: bins.thresholds[feature].count + 1)
            for row in rows { sizes[feature][Int(bins.levels[feature][row])] += 1 }
        }
        var left = rows.map { targets[$0] - mean }
        let chosen = open.map { feature in rows.map { bins.levels[feature][$0] } }
        var sums = [Double](repeating: 0, count: mostLevels + 1)
        for _ in 0..<rounds {
            let total = left.reduce(0, +)
            var best: (gain: Double, feature: Int, level: Int, low: Double, high: Double)?
            for (place, feature) in open.enumerated() {
                let levels = sizes[feature].count
                for level in 0..<levels { sums[level] = 0 }
                chosen[place].withUnsafeBufferPointer { chosen in
                    left.withUnsafeBufferPointer { left in
                        for row in left.indices { sums[Int(chosen[row])] += left[row] }
                    }
                }
                var below = 0.0, belowSize = 0.0
                for level in 0..<levels - 1 {
                    below += sums[level]
                    belowSize += sizes[feature][level]
                    let aboveSize = count - belowSize
                    guard belowSize > 0, aboveSize > 0 else { continue }
                    let low = below / (belowSize + 1), high = (total - below) / (aboveSize + 1)
                    let gain = low * below + high * (total - below)
                    if gain > (best?.gain ?? 1e-15) { best = (gain, feature, level, low, high) }
                }
            }
            guard let best else { break }
            let stump = Stump(
                feature: best.feature, threshold: bins.thresholds[best.feature][best.level], low: rate * best.low,
                high: rate * best.high)
            stumps.append(stump)
            for row in fitted.indices {
                fitted[row] += Int(bins.levels[best.feature][row]) <= best.level ? stump.low : stump.high
            }
            for (place, row) in rows.enumerated() { left[place] = targets[row] - fitted[row] }
        }
        return (mean, stumps, fitted)
    }
}
