/// Falls after what a multiply-add does in all bins is taken off, windows weighed by how they swing.
struct WeighedFalls {
    /// m of each window.
    let falls: [Double]
    /// tr(M W^-1 M).
    let trace: Double

    init(_ windows: [BinProgress.Window]) {
        let count = windows.count
        let spent = windows.map { $0.multiplyAdds.reduce(0, +) }
        let most = max(spent.max() ?? 1, 1)
        var trends: [[Double]] = []
        for power in 0...2 {
            var trend = spent.enumerated().map { index, cost -> Double in
                let time = 2 * Double(index) / Double(count - 1) - 1
                return cost / most * (power == 0 ? 1 : power == 1 ? time : time * time)
            }
            // Twice, since once leaves what rounding put in.
            for _ in 0..<2 { trend = Self.without(trends, trend) }
            let norm = Self.product(trend, trend).squareRoot()
            if norm > 1e-9 { trends.append(trend.map { $0 / norm }) }
        }
        let rest = Self.without(trends, windows.map(\.fall))
        let squares = Self.product(rest, rest)
        let neighbours = zip(rest, rest.dropFirst()).map { $0 * $1 }.reduce(0, +)
        // Swings that cancel have -0.5, at which the matrix ends to be positive; nothing is gained by a positive one.
        let correlation = squares > 0 ? min(0, max(-0.48, neighbours / squares)) : 0
        falls = Self.without(trends, Self.solve(correlation, rest))
        let diagonal = (0..<count).map { index -> Double in
            var unit = [Double](repeating: 0, count: count)
            unit[index] = 1
            return Self.solve(correlation, unit)[index]
        }
        trace =
            diagonal.reduce(0, +)
            - trends.map { Self.product($0, Self.solve(correlation, $0)) }.reduce(0, +)
    }

    private static func product(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).map { $0 * $1 }.reduce(0, +)
    }

    /// What is left of values beside orthonormal trends.
    private static func without(_ trends: [[Double]], _ values: [Double]) -> [Double] {
        trends.reduce(values) { rest, trend in
            let share = product(trend, values)
            return zip(rest, trend).map { $0 - share * $1 }
        }
    }

    /// W^-1 values, with W of 1 on its diagonal and a correlation beside it.
    private static func solve(_ correlation: Double, _ values: [Double]) -> [Double] {
        var pivots = [Double](repeating: 1, count: values.count)
        var result = values
        for index in values.indices.dropFirst() {
            let factor = correlation / pivots[index - 1]
            pivots[index] = 1 - factor * correlation
            result[index] -= factor * result[index - 1]
        }
        for index in values.indices.reversed() {
            let next = index + 1 < values.count ? correlation * result[index + 1] : 0
            result[index] = (result[index] - next) / pivots[index]
        }
        return result
    }
}
