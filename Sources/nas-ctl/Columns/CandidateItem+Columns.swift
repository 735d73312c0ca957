internal import API

extension CandidateItem {
    /// Candidates as lists show them; the columns of CSV are those of results.csv, in their order.
    static let listing = Listing<CandidateItem>(
        columns: [
            Column("candidate", .count, rank: 0) { .integer($0.candidate) },
            Column("key", .text, place: .wide) { .symbol($0.key) },
            Column("genome", .text, rank: 1, shortest: 16) { .symbol($0.genome) },
            Column("origin", .word(["random", "crossover", "mutation", "seed", "elite"]), place: .wide) {
                .symbol($0.origin)
            },
            Column("round", .count, rank: 7) { .integer($0.round) },
            Column("weightsStep", .count, title: "WEIGHTS", place: .wide) { .integer($0.weightsStep) },
            Column("state", .word(["pending", "completed", "failed"]), rank: 5) { .text($0.state) },
            Column("feasible", .boolean, rank: 6) { $0.feasible.map(Cell.boolean) ?? .none },
            Column("violation", .number, place: .wide) { $0.violation.map(Cell.number) ?? .none },
            Column("accuracy", .share, rank: 0) { $0.accuracy.map(Cell.number) ?? .none },
            Column("loss", .number, rank: 4) { $0.loss.map(Cell.number) ?? .none },
            Column("samples", .count, place: .wide) { $0.samples.map(Cell.integer) ?? .none },
            Column("params", .count, rank: 3) { .integer($0.params) },
            Column("multiplyAdds", .count, rank: 2) { .integer($0.multiplyAdds) },
            Column("latencyMilliseconds", .number, title: "LATENCY", place: .wide) {
                $0.latencyMilliseconds.map(Cell.number) ?? .none
            },
            Column("latencyKind", .word(["measured", "predicted", "table"]), title: "KIND", place: .wide) {
                $0.latencyKind.map(Cell.text) ?? .none
            },
            Column("onFront", .boolean, title: "FRONT", rank: 3) { .boolean($0.onFront) },
            Column("validationAccuracy", .share, title: "VALIDATION", rank: 4) {
                $0.validationAccuracy.map(Cell.number) ?? .none
            },
            Column("testAccuracy", .share, title: "TEST", rank: 4) { $0.testAccuracy.map(Cell.number) ?? .none },
            Column("measured", .time, place: .wide, isInCSV: false) { $0.measured.map(Cell.time) ?? .none },
        ], name: { String($0.candidate) }, plural: "candidates")

    /// The value of an objective's metric.
    func value(of metric: String) -> Double? {
        switch metric {
        case "accuracy": accuracy
        case "loss": loss
        case "params": Double(params)
        case "multiplyAdds": Double(multiplyAdds)
        default: nil
        }
    }
}
