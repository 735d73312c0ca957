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
