internal import API

extension CandidateItem {
    /// The candidates of a run as lists show them; the columns of CSV are those of results.csv, in their order.
    ///
    /// What the run has no metric for is in no table. Objectives are in every table, however narrow; of its further values
    /// what finalists are measured by is too where there is room, and others are in wide ones.
    static func listing(of run: RunDocument) -> Listing<CandidateItem> {
        let objectives = Set(run.objectives.map(\.metric))
        var columns = listing.columns
        for index in columns.indices where objectives.contains(columns[index].name) {
            (columns[index].place, columns[index].rank) = (.table, 0)
        }
        guard let metrics = run.metrics else {
            return Listing(columns: columns, name: listing.name, plural: listing.plural)
        }
        let values = Dictionary(
            metrics.flatMap { metric in metric.values.map { ($0, metric) } }, uniquingKeysWith: { first, _ in first })
        for index in columns.indices
        where namesOfFields.contains(columns[index].name) && values[columns[index].name] == nil {
            columns[index].place = .hidden
        }
        // Nothing waits to be measured any more.
        if run.run.state == "completed", let samples = columns.firstIndex(where: { $0.name == "samples" }) {
            columns[samples].isFilled = true
        }
        // Counts of networks that live elsewhere may be in millions.
        for index in columns.indices {
            let column = columns[index]
            guard column.kind == .count, let metric = values[column.name], metric.kind != "cost" else { continue }
            columns[index] = Column(
                column.name, metric.columnKind, title: column.title, place: column.place, rank: column.rank,
                value: column.value)
        }
        let further = values.filter { !namesOfFields.contains($0.key) }.sorted { $0.key < $1.key }
            .map { name, metric in
                let isOwn = name == metric.name, isShown = !isOwn || objectives.contains(name)
                return Column<CandidateItem>(
                    name, metric.columnKind, place: isShown ? .table : .wide, rank: isOwn ? 0 : 4
                ) { item in
                    guard let value = item.value(of: name) else { return .none }
                    return Int(exactly: value).flatMap { metric.kind == "cost" ? Cell.integer($0) : nil }
                        ?? .number(value)
                }
            }
        // What is no column of CSV stays behind all that are.
        let end = columns.lastIndex(where: \.isInCSV).map { $0 + 1 } ?? columns.endIndex
        columns.insert(contentsOf: further, at: end)
        return Listing(columns: columns, name: listing.name, plural: listing.plural)
    }

    private static func count(_ count: Int?, _ name: String, _ item: CandidateItem) -> Cell {
        count.map(Cell.integer) ?? item.value(of: name).map(Cell.number) ?? .none
    }

    /// The candidates of a run of a daemon that does not tell its metrics.
    static let listing = Listing<CandidateItem>(
        columns: [
            Column("candidate", .count, rank: 0, isFilled: true) { .integer($0.candidate) },
            Column("key", .text, place: .wide, isFilled: true) { .symbol($0.key) },
            Column("genome", .text, rank: 1, shortest: 16, isFilled: true) { .symbol($0.genome) },
            Column(
                "origin", .word(["random", "crossover", "mutation", "predicted", "seed", "elite"]), place: .wide,
                isFilled: true
            ) {
                .symbol($0.origin)
            },
            Column("round", .count, rank: 7, isFilled: true) { .integer($0.round) },
            Column("weightsStep", .count, title: "WEIGHTS", place: .wide, isFilled: true) { .integer($0.weightsStep) },
            Column("state", .word(["pending", "completed", "stopped", "failed"]), rank: 5, isFilled: true) {
                .text($0.state)
            },
            Column("feasible", .boolean, rank: 6) { $0.feasible.map(Cell.boolean) ?? .none },
            Column("violation", .number, place: .wide) { $0.violation.map(Cell.number) ?? .none },
            Column("accuracy", .share, rank: 0) { $0.accuracy.map(Cell.number) ?? .none },
            Column("loss", .number, rank: 4) { $0.loss.map(Cell.number) ?? .none },
            Column("samples", .count, place: .wide) { $0.samples.map(Cell.integer) ?? .none },
            Column("params", .count, rank: 3) { count($0.params, "params", $0) },
            Column("multiplyAdds", .count, rank: 2) {
                count($0.multiplyAdds, "multiplyAdds", $0)
            },
            Column("latencyMilliseconds", .number, title: "LATENCY", place: .wide) {
                $0.latencyMilliseconds.map(Cell.number) ?? .none
            },
            Column("latencyKind", .word(["measured", "predicted", "table", "worker"]), title: "KIND", place: .wide) {
                $0.latencyKind.map(Cell.text) ?? .none
            },
            Column("onFront", .boolean, title: "FRONT", rank: 3, isFilled: true) { .boolean($0.onFront) },
            Column("validationAccuracy", .share, title: "VALIDATION", rank: 4) {
                $0.validationAccuracy.map(Cell.number) ?? .none
            },
            Column("testAccuracy", .share, title: "TEST", rank: 4) { $0.testAccuracy.map(Cell.number) ?? .none },
            Column("measured", .time, place: .wide, isInCSV: false) { $0.measured.map(Cell.time) ?? .none },
        ], name: { String($0.candidate) }, plural: "candidates")
}

extension RunDocument.Metric {
    /// What the cells of its columns hold.
    fileprivate var columnKind: ColumnKind {
        if kind == "cost" { return .count }
        return least == 0 && most == 1 ? .share : .number
    }
}
