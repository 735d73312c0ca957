internal import API
internal import ArgumentParser

/// `nas-ctl candidates RUN`: what was measured.
struct Candidates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the candidates of a run, in the order in which they were asked for.",
        discussion: """
            The columns of -o csv are those of results.csv; filters and orders go by them, whatever metrics the run has. A \
            terminal shows the first 100 unless --limit says otherwise.

            Example: nas-ctl candidates mnist-vit --filter 'accuracy>=0.97,state=completed' --sort multiplyAdds
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let listing = CandidateItem.listing(of: try session.client.run(target.name))
            let (filter, order) = try listing.rules(list)
            // The daemon knows the columns of results.csv; the others are looked at here.
            let known = { (column: Column<CandidateItem>) in column.isInCSV }
            let (sort, asked) = (order.flatMap { known($0.column) ? $0 : nil }, filter?.wireText(where: known))
            let isShown = session.console.terminal.isTerminal && [.table, .wide].contains(session.format)
            var run = target.name
            try listing.write(
                to: session, limit: list.limit ?? (isShown ? 100 : nil), filter: filter?.withoutWire(where: known),
                order: sort == nil ? order : nil
            ) { limit, cursor throws(APIClientError) in
                let page = try session.client.candidates(
                    of: target.name, limit: limit, cursor: cursor, sort: sort?.wireText, filter: asked)
                run = page.run
                return (page.candidates, page.next)
            } document: { candidates, next in
                CandidateList(run: run, candidates: candidates, next: next)
            }
        }
    }
}
