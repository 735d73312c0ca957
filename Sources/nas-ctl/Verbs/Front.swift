internal import API
internal import ArgumentParser

/// `nas-ctl front RUN`: what no other candidate dominates.
struct Front: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the candidates that no other dominates.",
        discussion: """
            Those of the newest weights, unless --round names others: measurements on different weights are not compared. \
            The cheapest comes first. A table leaves out columns in which all are the same; -o wide has them.

            Example: nas-ctl front mnist-vit --filter 'TEST!=-' --sort -ACCURACY
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var target: RunArgument
    @Option(help: ArgumentHelp("The round whose front it is, from 0.", valueName: "number"))
    var round: Int?

    func run() throws {
        try global.run { session in
            let front = try session.client.front(of: target.name, round: round)
            var listing = CandidateItem.listing(of: try session.client.run(target.name))
            listing.leavesOutConstants = true
            try listing.write(front.candidates, to: session, options: list) {
                CandidateList(run: front.run, candidates: $0)
            }
        }
    }
}
