internal import API
internal import ArgumentParser

/// `nas-ctl explain RUN CANDIDATE`: why a candidate was asked, what it cost, and who dominates it.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why a candidate was asked, what it cost, and who dominates it.",
        discussion: """
            Its operator and parents, what was predicted of it where the search predicts, what measuring it took, what it added to \
            the hypervolume, and the nearest feasible candidates on the same weights that are better in every objective.

            Example: nas-ctl explain mnist-vit 812
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument
    @Argument(help: "The number of a candidate.")
    var candidate: Int

    func validate() throws {
        if candidate < 1 { throw ValidationError("expected the number of a candidate, from 1, found \(candidate)") }
    }

    func run() throws {
        try global.run { session in
            try global.permit(.table, .wide, .json, .jsonl)
            let document = try session.client.explanation(of: target.name, candidate: candidate)
            switch session.format {
            case .json: try session.console.write(JSONText.document(document))
            case .jsonl: try session.console.write(JSONText.line(document))
            default:
                var list = DetailList()
                for line in document.lines { list.add(line.name, line.value) }
                try session.console.write(lines: list.lines(hasColor: session.console.terminal.hasColor))
            }
        }
    }
}

/// `nas-ctl curve RUN`: how the front grew, evaluation by evaluation.
struct Curve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the hypervolume of the front after each evaluation.",
        discussion: """
            The columns of -o csv are those of nasd export --curve.

            Example: nas-ctl curve mnist-vit -o csv
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let listing = CurveDocument.Point.listing
            let (filter, order) = try listing.rules(list)
            var whole = CurveDocument(run: target.name, points: [])
            try listing.write(to: session, limit: list.limit, filter: filter, order: order) {
                limit, cursor throws(APIClientError) in
                whole = try session.client.curve(of: target.name, limit: limit, cursor: cursor)
                return (whole.points, whole.next)
            } document: { points, next in
                CurveDocument(run: whole.run, points: points, next: next)
            }
        }
    }
}
