import SearchSpaces

/// A page of candidates in an order, after a place in it.
public struct CandidateQuery: Sendable {
    /// Which candidates.
    public var filter: CandidateFilter?
    /// The column that orders them; candidates without a value come last, equal ones in ask order.
    public var column = CandidateColumn.candidate
    /// Whether the largest comes first.
    public var isDescending = false
    /// The most candidates of a page.
    public var limit: Int
    /// The number of the last candidate of the page before; 0 for the first page.
    public var after = 0

    /// Creates a query for the first candidates in ask order.
    public init(limit: Int) { self.limit = limit }

    /// Reads an order such as `accuracy` or, largest first, `-accuracy`.
    ///
    /// - Parameter columns: Those of the run.
    /// - Throws: ``StoreError/invalid(what:place:remedy:)``.
    public mutating func sort(by text: String, columns: [CandidateColumn]) throws(StoreError) {
        isDescending = text.hasPrefix("-")
        column = try columns.named(text.drop { $0 == "-" }, place: "sort", expected: "a column")
    }

    /// Whether the page can be read by number alone, without looking at all candidates.
    public var isByNumber: Bool { filter == nil && column == .candidate && !isDescending }
}

/// A candidate of a page.
public struct CandidateRow: Sendable {
    /// The candidate.
    public let result: CandidateResult
    /// Whether no other candidate of the same weights dominates it.
    public let onFront: Bool

    /// Creates a row.
    public init(result: CandidateResult, onFront: Bool) {
        self.result = result
        self.onFront = onFront
    }
}
