/// What each option adds to a loss, learned from losses of genomes: a ridge regression over the options that count.
///
/// With x the one-hot options of a genome and y its loss, both less their means over those that are told together (a trend of
/// the loss, and what their examples have in common, then cancel),
/// ```
/// A <- f A + sum of x x^T,  b <- f b + sum of x y,  theta = (A + r I)^-1 b
/// ```
/// with the ridge r and a forgetting factor f for each telling. theta tells apart genomes of one space and is no loss.
///
/// Source: Hoerl and Kennard, "Ridge regression: biased estimation for nonorthogonal problems" (Technometrics 1970).
public struct OptionPredictor: Sendable {
    /// What was told so far.
    public struct Sums: Sendable, Equatable, Codable {
        /// The lower triangle of A, row after row.
        public fileprivate(set) var products: [Double]
        /// b.
        public fileprivate(set) var moments: [Double]
    }

    /// The most options of a space, all decisions together: sums of so many take a megabyte, and a solution tens of
    /// milliseconds.
    public static let mostOptions = 512

    /// What was told so far.
    public private(set) var sums: Sums
    private let encoding: ArchitectureEncoding
    private let decisions: [Decision]
    private let ridge: Double
    private let forgetting: Double

    /// Creates a predictor that was told nothing.
    ///
    /// - Parameters:
    ///   - ridge: r, above 0: the variance of a loss's noise in units of the variance of what options add.
    ///   - forgetting: f, from 0 to 1.
    public init(_ space: SearchSpace, ridge: Double, forgetting: Double = 1) {
        precondition(ridge > 0 && (0...1).contains(forgetting), "the sums can be solved")
        encoding = ArchitectureEncoding(space, kind: .oneHot)
        decisions = space.decisions
        self.ridge = ridge
        self.forgetting = forgetting
        sums = Sums(
            products: [Double](repeating: 0, count: encoding.count * (encoding.count + 1) / 2),
            moments: [Double](repeating: 0, count: encoding.count))
    }

    /// Takes sums as they were; false where they are of another space or no numbers.
    public mutating func restore(_ sums: Sums) -> Bool {
        guard sums.products.count == self.sums.products.count, sums.moments.count == self.sums.moments.count,
            (sums.products + sums.moments).allSatisfy(\.isFinite)
        else { return false }
        self.sums = sums
        return true
    }

    /// Learns from genomes and their losses that are told together; from none of them where a loss is no number.
    ///
    /// Complexity: O(options^2).
    public mutating func learn(_ genomes: [Genome], losses: [Double]) {
        precondition(genomes.count == losses.count, "a genome has a loss")
        guard genomes.count > 1, losses.allSatisfy(\.isFinite) else { return }
        let count = Double(losses.count), level = losses.reduce(0, +) / count
        var rows = genomes.map { encoding.encode(OptionWeights($0, of: decisions)).map(Double.init) }
        for column in 0..<encoding.count {
            let mean = rows.reduce(0) { $0 + $1[column] } / count
            for row in rows.indices { rows[row][column] -= mean }
        }
        // Rows in the outer loop of each entry would be slow, and most options are those of none or of all.
        let told = (0..<encoding.count).filter { column in rows.contains { $0[column] != 0 } }
        if forgetting < 1 {
            for index in sums.products.indices { sums.products[index] *= forgetting }
            for index in sums.moments.indices { sums.moments[index] *= forgetting }
        }
        for (place, first) in told.enumerated() {
            let start = first * (first + 1) / 2
            for second in told[...place] {
                sums.products[start + second] += rows.reduce(0) { $0 + $1[first] * $1[second] }
            }
            sums.moments[first] += zip(rows, losses).reduce(0) { $0 + $1.0[first] * ($1.1 - level) }
        }
    }

    /// theta: what each option adds to the loss; 0 of what nobody told.
    ///
    /// Complexity: O(options^3).
    public var weights: OptionWeights {
        var weights = OptionWeights(decisions)
        let solution = Self.solve(sums, ridge: ridge)
        for index in solution.indices { weights.values[index] = Float(solution[index]) }
        return weights
    }

    /// Solves (A + r I) x = b by Cholesky's decomposition, which exists for r above 0.
    private static func solve(_ sums: Sums, ridge: Double) -> [Double] {
        let count = sums.moments.count
        var lower = sums.products, x = sums.moments
        for row in 0..<count {
            let start = row * (row + 1) / 2
            for column in 0...row {
                let other = column * (column + 1) / 2
                var value = lower[start + column] + (row == column ? ridge : 0)
                for place in 0..<column { value -= lower[start + place] * lower[other + place] }
                if column < row {
                    lower[start + column] = value / lower[other + column]
                } else {
                    // Above the ridge but for rounding.
                    lower[start + row] = max(value, ridge * 1e-6).squareRoot()
                }
            }
            for place in 0..<row { x[row] -= lower[start + place] * x[place] }
            x[row] /= lower[start + row]
        }
        for row in (0..<count).reversed() {
            for below in row + 1..<count { x[row] -= lower[below * (below + 1) / 2 + row] * x[below] }
            x[row] /= lower[row * (row + 1) / 2 + row]
        }
        return x
    }
}

extension SearchSpace {
    /// theta . a: the sum of the weights of a genome's options that count.
    public func score(_ genome: Genome, by weights: OptionWeights) -> Double {
        decisions.indices.reduce(0) { sum, index in
            guard isActive(index, in: genome) else { return sum }
            return sum + Double(weights.values[weights.range(of: index).lowerBound + Int(genome.choices[index])])
        }
    }
}
