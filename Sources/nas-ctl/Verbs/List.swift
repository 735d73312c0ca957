internal import API
internal import ArgumentParser

/// `nas-ctl list`: every run, the newest first.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs, the newest first.",
        discussion: """
            Filters and orders go by the columns of -o csv.

            Example: nas-ctl list --filter state=completed --sort -hypervolume --limit 10
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions

    func run() throws {
        try global.run { session in
            let (filter, order) = try RunItem.listing.rules(list)
            // The daemon looks these up by an index.
            let (state, name) = (filter?.word(of: "state"), filter?.word(of: "name"))
            try RunItem.listing.write(to: session, limit: list.limit, filter: filter, order: order) {
                limit, cursor throws(APIClientError) in
                let page = try session.client.runs(state: state, name: name, limit: limit, cursor: cursor)
                return (page.runs, page.next)
            } document: { runs, next in
                RunList(runs: runs, next: next)
            }
        }
    }
}
