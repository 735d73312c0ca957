internal import API

extension CandidateItem {
    /// Candidates as lists show them; the columns of CSV are those of results.csv, in their order.
    static let listing = Listing<CandidateItem>(
        columns: [
            Column("candidate", rank: 0) { .integer($0.candidate) },
            Column("key", place: .wide) { .symbol($0.key) },
            Column("genome", rank: 1, shortest: 16) { .symbol($0.genome) },
            Column("origin", place: .wide) { .symbol($0.origin) },
            Column("round", rank: 7) { .integer($0.round) },
            Column("weightsStep", title: "WEIGHTS", place: .wide) { .integer($0.weightsStep) },
            Column("state", rank: 5) { .text($0.state) },
            Column("feasible", rank: 6) { $0.feasible.map(Cell.boolean) ?? .none },
            Column("violation", place: .wide) { $0.violation.map(Cell.number) ?? .none },
            Column("accuracy", rank: 0) { $0.accuracy.map(Cell.number) ?? .none },
            Column("loss", rank: 4) { $0.loss.map(Cell.number) ?? .none },
            Column("samples", place: .wide) { $0.samples.map(Cell.integer) ?? .none },
            Column("params", rank: 3) { .integer($0.params) },
            Column("multiplyAdds", rank: 2) { .integer($0.multiplyAdds) },
            Column("latencyMilliseconds", title: "LATENCY", place: .wide) {
                $0.latencyMilliseconds.map(Cell.number) ?? .none
            },
            Column("latencyKind", title: "KIND", place: .wide) { $0.latencyKind.map(Cell.text) ?? .none },
            Column("onFront", title: "FRONT", rank: 3) { .boolean($0.onFront) },
            Column("validationAccuracy", title: "VALIDATION", rank: 4) {
                $0.validationAccuracy.map(Cell.number) ?? .none
            },
            Column("testAccuracy", title: "TEST", rank: 4) { $0.testAccuracy.map(Cell.number) ?? .none },
            Column("measured", place: .wide, isInCSV: false) { $0.measured.map(Cell.time) ?? .none },
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
