internal import GRDB
public import SearchSpaces

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

extension RunQueries {
    /// A page of a run's candidates.
    ///
    /// Complexity: O(page) in ask order without a filter; O(candidates) otherwise, with memory for one page.
    public func page(
        _ run: RunID, _ query: CandidateQuery, front: FrontIndex, objectives: [Objective], constraints: [Constraint]
    ) throws(StoreError) -> [CandidateRow] {
        var fronts: [Int: Set<Int>] = [:]
        func isOnFront(_ result: CandidateResult) throws(StoreError) -> Bool {
            let step = result.candidate.weightsStep
            if fronts[step] == nil {
                fronts[step] = try front.members(
                    run, weightsStep: step, objectives: objectives, constraints: constraints)
            }
            return fronts[step]?.contains(result.candidate.number) ?? false
        }
        let results: [CandidateResult]
        if query.isByNumber {
            results = try candidates(run, after: query.after, limit: query.limit)
        } else {
            results = try ordered(run, query, constraints: constraints, isOnFront: isOnFront)
        }
        var rows: [CandidateRow] = []
        for result in results { rows.append(CandidateRow(result: result, onFront: try isOnFront(result))) }
        return rows
    }

    /// The first candidates after a place in the query's order, found in one pass over all.
    private func ordered(
        _ run: RunID, _ query: CandidateQuery, constraints: [Constraint],
        isOnFront: (CandidateResult) throws(StoreError) -> Bool
    ) throws(StoreError) -> [CandidateResult] {
        typealias Entry = (value: CandidateColumn.Value?, result: CandidateResult)
        func value(_ column: CandidateColumn, _ result: CandidateResult) throws -> CandidateColumn.Value? {
            try column.value(of: result, constraints: constraints, onFront: { try isOnFront(result) })
        }
        func precedes(_ left: Entry, _ right: Entry) -> Bool {
            switch (left.value, right.value) {
            case (let a?, let b?) where a != b:
                query.isDescending ? CandidateColumn.Value.precedes(b, a) : CandidateColumn.Value.precedes(a, b)
            case (_?, nil): true
            case (nil, _?): false
            default: left.result.candidate.number < right.result.candidate.number
            }
        }
        do {
            var start: Entry?
            if query.after > 0, let result = try candidates(run, after: query.after - 1, limit: 1).first {
                start = (try value(query.column, result), result)
            }
            var page: [Entry] = []
            var number = 0
            while true {
                let chunk = try candidates(run, after: number, limit: 1000)
                for result in chunk {
                    let entry: Entry = (try value(query.column, result), result)
                    if let start, !precedes(start, entry) { continue }
                    if page.count == query.limit, let last = page.last, !precedes(entry, last) { continue }
                    if let filter = query.filter, try !filter.accepts({ try value($0, result) }) { continue }
                    let place = page.firstIndex { precedes(entry, $0) } ?? page.endIndex
                    page.insert(entry, at: place)
                    if page.count > query.limit { page.removeLast() }
                }
                guard let last = chunk.last else { return page.map(\.result) }
                number = last.candidate.number
            }
        } catch {
            throw StoreError(error, doing: "listing candidates", path: source.path)
        }
    }
}
