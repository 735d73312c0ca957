internal import API

extension RunItem {
    /// Runs as lists show them.
    static let listing = Listing<RunItem>(
        columns: [
            Column("id", .text, rank: 0, isFilled: true) { .symbol($0.id) },
            Column("name", .text, rank: 0, shortest: 8, isFilled: true) { .text($0.name) },
            Column(
                "state", .word(RunGoal.State.allCases.map(\.rawValue)), rank: 0, isFilled: true,
                style: { Style.ofState($0.state) },
                text: \.stateText
            ) { .symbol($0.state) },
            Column("desired", .word(["running", "paused", "cancelled"]), place: .wide, isFilled: true) {
                .symbol($0.desired)
            },
            Column("step", .count, title: "STEP", rank: 1, text: { $0.steps > 0 ? "\($0.step)/\($0.steps)" : "-" }) {
                .integer($0.step)
            },
            Column("steps", .count, place: .hidden, isFilled: true) { .integer($0.steps) },
            Column("loss", .number, rank: 5) { $0.loss.map(Cell.number) ?? .none },
            Column("round", .count, rank: 6) { $0.round.map(Cell.integer) ?? .none },
            Column(
                "evaluations", .count, rank: 2, isFilled: true, text: { "\($0.evaluations)/\($0.evaluationsPlanned)" }
            ) {
                .integer($0.evaluations)
            },
            Column("evaluationsPlanned", .count, place: .hidden, isFilled: true) { .integer($0.evaluationsPlanned) },
            Column("candidates", .count, rank: 7, isFilled: true) { .integer($0.candidates) },
            Column("hypervolume", .number, place: .wide) { $0.hypervolume.map(Cell.number) ?? .none },
            Column(
                "secondsLeft", .duration, title: "LEFT", rank: 3,
                text: { $0.secondsLeft.map(NumberText.duration) ?? "-" }
            ) { $0.secondsLeft.map(Cell.number) ?? .none },
            Column("workers", .count, place: .wide) { $0.workers.map(Cell.integer) ?? .none },
            Column("priority", .integer, place: .wide, isFilled: true) { .integer($0.priority) },
            Column("queuePosition", .count, title: "QUEUE", place: .wide) {
                $0.queuePosition.map(Cell.integer) ?? .none
            },
            Column("space", .text, title: "SPACE", place: .wide, isFilled: true) { .text($0.space) },
            Column("created", .age, title: "AGE", rank: 4, isFilled: true) { .time($0.created) },
            Column("updated", .time, place: .wide, isFilled: true) { .time($0.updated) },
            Column("lastEvent", .count, title: "EVENT", place: .wide, isFilled: true) { .integer($0.lastEvent) },
            Column("failure", .text, place: .wide) { $0.failure.map(Cell.text) ?? .none },
        ], name: \.id, plural: "runs")

    /// The state, with what is asked for and has not happened yet.
    var stateText: String {
        if isEnded { return state }
        switch desired {
        case "paused" where state != "paused": return "\(state), pausing"
        case "cancelled": return "\(state), cancelling"
        default: return state == "queued" ? queuePosition.map { "queued, \(Self.ordinal($0))" } ?? state : state
        }
    }

    /// Whether nothing more happens unless somebody asks for it.
    var isEnded: Bool { ["completed", "failed", "cancelled"].contains(state) }

    private static func ordinal(_ number: Int) -> String {
        let ending =
            (11...13).contains(number % 100) ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return "\(number)\(ending)"
    }
}
