internal import ArgumentParser

/// What commands understand that list.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int?
    @Option(
        help: ArgumentHelp("Order by a column; -column for descending order.", valueName: "column"))
    var sort: String?
    @Option(
        help: ArgumentHelp(
            "Only what keeps every condition: 'accuracy>=0.97,state=completed'.", valueName: "conditions"))
    var filter: String?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("expected --limit of at least 1, found \(limit)") }
    }
}

/// How a command writes its data.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people, within the width of the terminal.
    case table
    /// For people, every column.
    case wide
    /// One document, as the daemon sends it.
    case json
    /// One item a line.
    case jsonl
    /// RFC 4180.
    case csv
    /// Names alone, one a line.
    case name
}

/// `key=value` on the command line.
struct Assignment: Equatable {
    /// What stands before the first `=`.
    let key: String
    /// What stands behind it.
    let value: String

    /// Reads the text; the example is for the message.
    init(_ text: String, example: String) throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw .usage("expected key=value as in \(example), found '\(text)'")
        }
        key = String(parts[0])
        value = String(parts[1])
    }
}

/// The run that a command is about.
struct RunArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "An id, a unique prefix of at least 4 characters, or a name that only one run has.", valueName: "run"),
        completion: RunCompletion.kind)
    var name: String

    func validate() throws {
        if name.isEmpty { throw ValidationError("expected the id or the name of a run, found nothing") }
    }
}

/// A span of time on the command line: seconds, or a number with `s`, `m`, `h` or `d`.
struct WaitingTime: Equatable {
    /// In seconds.
    let seconds: Double

    /// Reads the text.
    ///
    /// - Throws: `ValidationError` with what is expected.
    init(argument: String) throws {
        guard let seconds = SpanText.seconds(of: argument) else {
            throw ValidationError("expected seconds, or a number with s, m, h or d such as 5m, found '\(argument)'")
        }
        self.seconds = seconds
    }
}
