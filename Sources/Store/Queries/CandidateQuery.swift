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

/// All candidates that a query asks for, in its order: what its pages are cut from.
public struct CandidateOrder: Sendable {
    typealias Entry = (value: CandidateColumn.Value?, number: Int)

    let isDescending: Bool
    var entries: [Entry] = []

    /// About what it takes in memory.
    public var bytes: Int {
        entries.reduce(0) { sum, entry in
            guard case .text(let text) = entry.value else { return sum + 32 }
            return sum + 64 + text.utf8.count
        }
    }

    func precedes(_ left: Entry, _ right: Entry) -> Bool {
        switch (left.value, right.value) {
        case (let a?, let b?) where a != b:
            isDescending ? CandidateColumn.Value.precedes(b, a) : CandidateColumn.Value.precedes(a, b)
        case (_?, nil): true
        case (nil, _?): false
        default: left.number < right.number
        }
    }

    /// The first place behind an entry, which need not be among them.
    func place(behind entry: Entry) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(entry, entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension RunQueries {
    /// All that a query asks for, in its order, wherever its page begins.
    ///
    /// Complexity: O(candidates log candidates), with memory for a value and a number of each.
    public func order(
        _ run: RunID, _ query: CandidateQuery, front: FrontIndex, objectives: [Objective], constraints: [Constraint]
    ) throws(StoreError) -> CandidateOrder {
        var fronts = Fronts(run, front, objectives, constraints)
        var order = CandidateOrder(isDescending: query.isDescending)
        do {
            var number = 0
            while true {
                let chunk = try candidates(run, after: number, limit: 1000)
                for result in chunk {
                    if let filter = query.filter, try !filter.accepts({ try fronts.value($0, result) }) { continue }
                    order.entries.append((try fronts.value(query.column, result), result.candidate.number))
                }
                guard let last = chunk.last else { break }
                number = last.candidate.number
            }
        } catch {
            throw StoreError(error, doing: "listing candidates", path: source.path)
        }
        order.entries.sort(by: order.precedes)
        return order
    }

    /// A page of a run's candidates.
    ///
    /// Complexity: O(page log candidates) by number alone or with an order, else that of the order.
    /// - Parameter order: Of the same query; nil finds it anew.
    public func page(
        _ run: RunID, _ query: CandidateQuery, order: CandidateOrder? = nil, front: FrontIndex, objectives: [Objective],
        constraints: [Constraint]
    ) throws(StoreError) -> [CandidateRow] {
        var fronts = Fronts(run, front, objectives, constraints)
        guard !query.isByNumber else {
            return try fronts.rows(try candidates(run, after: query.after, limit: query.limit))
        }
        let whole: CandidateOrder
        if let order {
            whole = order
        } else {
            whole = try self.order(run, query, front: front, objectives: objectives, constraints: constraints)
        }
        var place = 0
        if query.after > 0, let last = try candidates(run, after: query.after - 1, limit: 1).first {
            do {
                place = whole.place(behind: (try fronts.value(query.column, last), last.candidate.number))
            } catch {
                throw StoreError(error, doing: "listing candidates", path: source.path)
            }
        }
        let numbers = whole.entries[place...].prefix(query.limit).map(\.number)
        return try fronts.rows(
            source.read("listing candidates") { db in
                try numbers.flatMap { number in
                    try Pages.next(db, run: run, after: number - 1, limit: 1, weightsStep: nil).filter {
                        $0.candidate.number == number
                    }
                }
            })
    }
}

/// Which candidates of a run are on the front of their weights, looked up once for each weights state.
private struct Fronts {
    private let run: RunID, index: FrontIndex, objectives: [Objective], constraints: [Constraint]
    private var members: [Int: Set<Int>] = [:]

    init(_ run: RunID, _ index: FrontIndex, _ objectives: [Objective], _ constraints: [Constraint]) {
        (self.run, self.index, self.objectives, self.constraints) = (run, index, objectives, constraints)
    }

    mutating func contains(_ result: CandidateResult) throws(StoreError) -> Bool {
        let step = result.candidate.weightsStep
        if members[step] == nil {
            members[step] = try index.members(
                run, weightsStep: step, objectives: objectives, constraints: constraints)
        }
        return members[step]?.contains(result.candidate.number) ?? false
    }

    mutating func value(
        _ column: CandidateColumn, _ result: CandidateResult
    ) throws -> CandidateColumn.Value? {
        try column.value(of: result, constraints: constraints, onFront: { try contains(result) })
    }

    mutating func rows(_ results: [CandidateResult]) throws(StoreError) -> [CandidateRow] {
        var rows: [CandidateRow] = []
        for result in results { rows.append(CandidateRow(result: result, onFront: try contains(result))) }
        return rows
    }
}
