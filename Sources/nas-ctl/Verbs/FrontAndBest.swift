internal import API
internal import ArgumentParser
internal import Foundation

/// `nas-ctl front RUN`: what no other candidate dominates.
struct Front: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the candidates that no other dominates.",
        discussion: """
            Those of the newest weights, unless --round names others: measurements on different weights are not compared. \
            The cheapest comes first. A table leaves out columns in which all are the same, objectives aside; -o wide has \
            them.

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

/// `nas-ctl best RUN`: the best candidate by the first objective.
struct Best: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the best candidate by the first objective.",
        discussion: """
            Exit code 3 while nothing is measured.

            Example: nas-ctl model mnist-vit $(nas-ctl best mnist-vit -o name)
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: RunArgument

    func run() throws {
        try global.run { session in
            let document = try session.client.best(of: target.name)
            let listing = CandidateItem.listing(of: try session.client.run(target.name))
            guard [.table, .wide].contains(session.format) else {
                return try listing.write(one: document.candidate, to: session, document: document)
            }
            var list = DetailList()
            for column in listing.columns where column.place == .table || session.format == .wide {
                let cell = column.value(document.candidate)
                if cell != .none { list.add(column.name, cell.shown(now: .now, isWide: true)) }
            }
            try session.console.write(lines: list.lines(hasColor: session.console.terminal.hasColor))
        }
    }
}
