internal import API
internal import ArgumentParser
internal import Documents
internal import SearchSpaces

/// `nas-ctl sampler RUN`: numbers about how subnets are drawn.
struct Sampler: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List numbers about the sampler over time.",
        discussion: """
            How often the bins of cost were drawn, and what a sampler that learns has learned.

            Example: nas-ctl sampler mnist-vit --name draws -o csv
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var target: RunArgument
    @Option(help: ArgumentHelp("Only numbers of this name.", valueName: "name"))
    var name: String?

    /// Refuses a name that no number of the run has, where it has any.
    private func check(_ name: String, _ session: Session) throws {
        let known = Set(try session.client.sampler(of: target.name).statistics.map(\.name)).sorted()
        guard !known.isEmpty, !known.contains(name) else { return }
        let hint = Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'? " } ?? ""
        throw Failure.usage("--name: no numbers are named '\(name)'; \(hint)there are \(known.joined(separator: ", "))")
    }

    func run() throws {
        try global.run { session in
            let listing = SamplerDocument.Statistic.listing
            let (filter, order) = try listing.rules(list)
            var run = target.name
            var sampler = ""
            var hasAny = false
            try listing.write(to: session, limit: list.limit, filter: filter, order: order) {
                _, cursor throws(APIClientError) in
                let page = try session.client.sampler(of: target.name, name: name, cursor: cursor)
                run = page.run
                sampler = page.sampler
                hasAny = hasAny || !page.statistics.isEmpty
                return (page.statistics, page.next)
            } document: { statistics, next in
                SamplerDocument(run: run, sampler: sampler, statistics: statistics, next: next)
            }
            if let name, !hasAny { try check(name, session) }
        }
    }
}
