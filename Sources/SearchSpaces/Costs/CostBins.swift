/// Bins of equal width from the cost of the smallest to that of the largest genome, each with the cost in its middle as
/// its target.
///
/// Source: Zhang et al., "ShiftNAS: Improving One-shot NAS via Probability Shift" (ICCV 2023), section 3.2.
public struct CostBins: Sendable, Hashable {
    /// The cost that is meant.
    public let metric: Metric
    /// Number of bins, at least 1.
    public let count: Int
    /// The least cost.
    public let low: Int
    /// The greatest cost.
    public let high: Int

    /// Creates the bins of a space.
    public init(_ space: SearchSpace, count: Int, metric: Metric = .multiplyAdds) {
        precondition(count >= 1, "there is a bin")
        precondition(metric.accumulation == .sum, "bins are of costs that add up")
        self.metric = metric
        self.count = count
        low = space.cost(of: space.smallest)[metric] ?? 0
        high = space.cost(of: space.largest)[metric] ?? 0
    }

    /// Creates bins of a cost that is known elsewhere, from the least to the greatest.
    package init(of metric: Metric, count: Int, from low: Int, to high: Int) {
        precondition(count >= 1 && low <= high, "there is a bin")
        (self.metric, self.count, self.low, self.high) = (metric, count, low, high)
    }

    /// Bins where nothing else is asked for.
    public static let usualCount = 8

    /// Width of a bin, in units of the cost.
    public var width: Double { Double(high - low) / Double(count) }

    /// The bin of a cost; costs outside belong to the bins at the ends.
    public func bin(of cost: Int) -> Int {
        guard high > low else { return 0 }
        let above = min(max(cost, low), high) - low
        // In double width: costs may be large.
        let product = above.multipliedFullWidth(by: count)
        return min((high - low).dividingFullWidth(product).quotient, count - 1)
    }

    /// The least cost of a bin; for the number of bins, one more than the greatest cost.
    func edge(_ bin: Int) -> Int {
        guard bin < count, high > low else { return bin == 0 ? low : high + 1 }
        let (whole, rest) = (high - low).quotientAndRemainder(dividingBy: count)
        return low + bin * whole + (bin * rest + count - 1) / count
    }

    /// The target of a bin: the cost in its middle.
    public func target(_ bin: Int) -> Double { Double(low) + (Double(bin) + 0.5) * width }

    /// A cost as a number from 0 (least) to 1 (greatest).
    public func normalized(_ cost: Double) -> Double { high > low ? (cost - Double(low)) / Double(high - low) : 0 }
}
