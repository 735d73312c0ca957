internal import Foundation

/// The learned probabilities of the bins: softmax of logits, which follow their gradient by Adam, or move by steps of known
/// size.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.3.
public struct BinDistribution: Sendable, Equatable, Codable {
    /// The logits; equal at first.
    public private(set) var logits: [Double]
    /// Updates so far.
    public private(set) var updates = 0
    private var mean: [Double]
    private var variance: [Double]

    /// Creates equal probabilities.
    public init(bins: Int) {
        logits = [Double](repeating: 0, count: bins)
        mean = logits
        variance = logits
    }

    /// Creates probabilities of given logits.
    init(logits: [Double]) {
        self.init(bins: logits.count)
        self.logits = logits
    }

    /// The probabilities.
    public var probabilities: [Double] {
        let largest = logits.max() ?? 0
        let powers = logits.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        return powers.map { $0 / total }
    }

    /// Half the sum of distances from equal probabilities, 0 (equal) to 1.
    public var totalVariation: Double {
        let share = 1 / Double(logits.count)
        return probabilities.map { abs($0 - share) }.reduce(0, +) / 2
    }

    /// The bin at which the accumulated probability passes a number from 0 to 1.
    public func bin(at uniform: Double) -> Int { Self.bin(at: uniform, of: probabilities) }

    static func bin(at uniform: Double, of probabilities: [Double]) -> Int {
        var rest = uniform
        for (bin, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return bin }
        }
        return probabilities.count - 1
    }

    /// Whether it is of so many bins.
    func fits(bins: Int) -> Bool { [logits.count, mean.count, variance.count] == [bins, bins, bins] }

    /// The gradient of the expected loss change sum_k p_k change_k: p_j (change_j - sum_k p_k change_k).
    ///
    /// A bin whose loss fell by more than the expectation has a negative gradient, and so becomes more probable.
    public func gradient(ofExpected changes: [Double]) -> [Double] {
        let p = probabilities
        let expectation = zip(p, changes).map { $0 * $1 }.reduce(0, +)
        return zip(p, changes).map { $0 * ($1 - expectation) }
    }

    /// The gradient by one drawn bin: (change - baseline) (onehot(bin) - p).
    public func gradient(ofSampled change: Double, bin: Int, baseline: Double) -> [Double] {
        probabilities.enumerated().map { (change - baseline) * (($0.offset == bin ? 1 : 0) - $0.element) }
    }

    /// One step of Adam against a gradient.
    public mutating func update(by gradient: [Double], rate: Double) {
        updates += 1
        let first = 1 - pow(0.9, Double(updates)), second = 1 - pow(0.999, Double(updates))
        for bin in logits.indices {
            mean[bin] = 0.9 * mean[bin] + 0.1 * gradient[bin]
            variance[bin] = 0.999 * variance[bin] + 0.001 * gradient[bin] * gradient[bin]
            logits[bin] -= rate * (mean[bin] / first) / ((variance[bin] / second).squareRoot() + 1e-12)
        }
    }

    /// Multiplicative weights: p_j becomes proportional to p_j^keeping exp(rate score_j), and none falls below a floor.
    ///
    /// - Parameters:
    ///   - keeping: What stays of the logits, 0 to 1; below 1 a score that stays the same moves a logit to
    ///     rate score / (1 - keeping) and no further.
    ///   - floor: The least probability, in shares of an equal one, 0 to 1.
    mutating func move(by scores: [Double], rate: Double, keeping: Double, floor: Double) {
        updates += 1
        for bin in logits.indices { logits[bin] = keeping * logits[bin] + rate * scores[bin] }
        let least = floor / Double(logits.count)
        var p = probabilities
        var low = Set(p.indices.filter { p[$0] < least })
        guard !low.isEmpty, low.count < p.count else { return }
        // Those below are lifted, and the others scaled down alike, until none is below.
        while true {
            let free = 1 - least * Double(low.count)
            let others = p.indices.filter { !low.contains($0) }
            let total = others.map { p[$0] }.reduce(0, +)
            for bin in others { p[bin] *= free / total }
            for bin in low { p[bin] = least }
            let fallen = others.filter { p[$0] < least }
            if fallen.isEmpty || fallen.count == others.count { break }
            low.formUnion(fallen)
        }
        for bin in logits.indices {
            logits[bin] = log(max(p[bin], .leastNormalMagnitude)) - log(1 / Double(logits.count))
        }
    }
}
