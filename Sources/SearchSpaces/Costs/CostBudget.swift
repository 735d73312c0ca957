/// The most that an architecture may cost, as a command line has it: `multiplyAdds=2.5M`, `params=300k`, or a plain number.
public struct CostBudget: Sendable, Equatable {
    /// The cost.
    public let metric: CostMetric
    /// The most of it.
    public let limit: Int

    /// Creates a budget; nil below 1.
    public init?(_ metric: CostMetric, atMost limit: Int) {
        guard limit >= 1 else { return nil }
        self.metric = metric
        self.limit = limit
    }

    /// Reads a budget.
    ///
    /// - Throws: `SearchSpaceError.invalidBudget`.
    public init(text: String) throws(SearchSpaceError) {
        guard let budget = Self.read(text) else { throw .invalidBudget(text: text) }
        self = budget
    }

    private static func read(_ text: String) -> CostBudget? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let metric = CostMetric(rawValue: String(parts[0])) else { return nil }
        var number = parts[1]
        var unit = 1.0
        if let factor = number.last.flatMap({ ["k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9][$0] }) {
            unit = factor
            number = number.dropLast()
        }
        guard number.allSatisfy({ ("0"..."9").contains($0) || $0 == "." }), let value = Double(number),
            value * unit < 1e15
        else { return nil }
        return CostBudget(metric, atMost: Int((value * unit).rounded(.down)))
    }
}
