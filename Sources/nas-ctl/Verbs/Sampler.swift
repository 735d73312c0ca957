internal import API
internal import ArgumentParser

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

    func run() throws {
        try global.run { session in
            let listing = SamplerDocument.Statistic.listing
            let (filter, order) = try listing.rules(list)
            var run = target.name
            var sampler = ""
            try listing.write(to: session, limit: list.limit, filter: filter, order: order) {
                _, cursor throws(APIClientError) in
                let page = try session.client.sampler(of: target.name, name: name, cursor: cursor)
                run = page.run
                sampler = page.sampler
                return (page.statistics, page.next)
            } document: { statistics, next in
                SamplerDocument(run: run, sampler: sampler, statistics: statistics, next: next)
            }
        }
    }
}
