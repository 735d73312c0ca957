internal import API

extension RunItem {
    /// Runs as lists show them.
    static let listing = Listing<RunItem>(
        columns: [
            Column("id", rank: 0) { .symbol($0.id) },
            Column("name", rank: 0, shortest: 8) { .text($0.name) },
            Column("state", rank: 0, style: { Style.ofState($0.state) }, text: \.stateText) { .symbol($0.state) },
            Column("desired", place: .wide) { .symbol($0.desired) },
            Column("step", title: "STEP", rank: 1, text: { "\($0.step)/\($0.steps)" }) { .integer($0.step) },
            Column("steps", place: .hidden) { .integer($0.steps) },
            Column("loss", rank: 5) { $0.loss.map(Cell.number) ?? .none },
            Column("round", rank: 6) { $0.round.map(Cell.integer) ?? .none },
            Column("evaluations", rank: 2, text: { "\($0.evaluations)/\($0.evaluationsPlanned)" }) {
                .integer($0.evaluations)
            },
            Column("evaluationsPlanned", place: .hidden) { .integer($0.evaluationsPlanned) },
            Column("candidates", rank: 7) { .integer($0.candidates) },
            Column("hypervolume", place: .wide) { $0.hypervolume.map(Cell.number) ?? .none },
            Column(
                "secondsLeft", title: "LEFT", rank: 3,
                text: { $0.secondsLeft.map(NumberText.duration) ?? "-" }
            ) { $0.secondsLeft.map(Cell.number) ?? .none },
            Column("workers", place: .wide) { $0.workers.map(Cell.integer) ?? .none },
            Column("priority", place: .wide) { .integer($0.priority) },
            Column("queuePosition", title: "QUEUE", place: .wide) { $0.queuePosition.map(Cell.integer) ?? .none },
            Column("space", title: "SPACE", place: .wide) { .text($0.space) },
            Column("created", title: "AGE", rank: 4) { .time($0.created) },
            Column("updated", place: .wide) { .time($0.updated) },
            Column("lastEvent", title: "EVENT", place: .wide) { .integer($0.lastEvent) },
            Column("failure", place: .wide) { $0.failure.map(Cell.text) ?? .none },
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
