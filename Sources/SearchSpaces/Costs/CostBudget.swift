internal import Documents

/// The most that an architecture may cost, as a command line has it: `multiplyAdds=2.5M`, `params=300k`, or a plain number.
public struct CostBudget: Sendable, Equatable {
    /// The cost.
    public let metric: Metric
    /// The most of it.
    public let limit: Int

    /// Creates a budget; nil below 1.
    public init?(_ metric: Metric, atMost limit: Int) {
        guard limit >= 1 else { return nil }
        self.metric = metric
        self.limit = limit
    }

    /// The costs that meet the budget: at most 2 % below it.
    public var window: ClosedRange<Int> { limit - limit / 50...limit }

    /// Reads a budget.
    ///
    /// - Throws: `SearchSpaceError.invalidBudget`.
    public init(text: String) throws(SearchSpaceError) {
        guard let budget = Self.read(text) else { throw .invalidBudget(text: text) }
        self = budget
    }

    /// The costs that a budget may be of: those that add up.
    public static var known: [Metric] { ArchitectureFamilies.costs.filter { $0.accumulation == .sum } }

    private static func read(_ text: String) -> CostBudget? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2,
            let metric = known.first(where: { $0.name.lowercased() == parts[0].lowercased() }),
            let value = ShortNumber.value(of: parts[1]), value >= 1, value < 1e15
        else { return nil }
        return CostBudget(metric, atMost: Int(value.rounded(.down)))
    }
}
