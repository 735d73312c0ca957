internal import API
internal import ArgumentParser
internal import Daemon
internal import Foundation
internal import Store

/// `nasd explain RUN CANDIDATE`: why a candidate was asked, what it cost, and who dominates it.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain why a candidate was asked, what it cost, and who dominates it.",
        discussion: """
            Its operator and parents, what was predicted of it where the search predicts, what measuring it took, what it added to \
            the hypervolume, and the nearest feasible candidates on the same weights that are better in every objective. Reads \
            only, also while the run goes on.
            """)

    @OptionGroup var stored: StoredRunArguments
    @Argument(help: "The number of a candidate, as in results.csv.")
    var candidate: Int
    @Flag(help: "As the document of the API.")
    var json = false

    func validate() throws {
        if candidate < 1 { throw ValidationError("expected the number of a candidate, from 1, found \(candidate)") }
    }

    func run() throws {
        try Failure.catching {
            let found = try stored.open()
            let document = try ExplanationDocument(
                of: candidate, in: found.run, found.store, fronts: FrontIndex(found.store))
            if json {
                return Output.line(String(decoding: try WireFormat.encode(document, isPretty: true), as: UTF8.self))
            }
            let lines = document.lines, width = lines.map(\.name.count).max() ?? 0
            for line in lines {
                Output.line(line.name + String(repeating: " ", count: width - line.name.count + 2) + line.value)
            }
        }
    }
}
