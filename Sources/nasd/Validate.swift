internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces

/// `nasd validate FILE`: checks a space or run file and explains what it means.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a search space or run file and explain it.",
        discussion:
            "Reports every fault at once as file:line:column. Exit code 2 for an invalid file, 3 for a missing one."
    )

    @Argument(help: "A YAML file of kind SearchSpace or Run.")
    var file: String

    func run() throws {
        try Failure.catching {
            let text = try UserFile.text(of: file)
            if isRun(text) {
                let run = try RunSpecification.parse(yaml: text, file: file)
                let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: file)).space(
                    named: run.space, runFile: file)
                try RunInputs.check(run, in: space)
                Output.line("\(file): valid run file\n")
                Output.line(run.resolvedYAML)
                explain(space, CostBins(space, of: run.train.sampler))
            } else {
                let space = try SearchSpace.parse(yaml: text, file: file)
                Output.line("\(file): valid search space\n")
                explain(space, CostBins(space, count: CostBins.usualCount))
            }
        }
    }

    /// Whether the file says `kind: Run`; anything else is checked, and faulted, as a search space.
    private func isRun(_ text: String) -> Bool {
        text.split(separator: "\n").contains { $0.wholeMatch(of: /kind:\s*["']?Run["']?\s*(#.*)?/) != nil }
    }

    private func explain(_ space: SearchSpace, _ bins: CostBins) {
        Output.line("space \(space.name) (\(space.family.rawValue)), \(space.decisions.count) decisions")
        var shown: Set<String> = []
        for decision in space.decisions where shown.insert(decision.name).inserted {
            let count = space.decisions.filter { $0.name == decision.name }.count
            let options = decision.options.map { $0 == $0.rounded() ? String(Int($0)) : String($0) }
            Output.line(
                "  \(decision.name): \(options.joined(separator: ", "))\(count > 1 ? "  (each of \(count) blocks)" : "")"
            )
        }
        Output.line("architectures: \(space.canonicalGenomeCountText)")
        for (name, genome) in [("smallest", space.smallest), ("largest", space.largest)] {
            let cost = space.cost(of: genome)
            Output.line("\(name): \(cost.params) params, \(cost.multiplyAdds) multiply-adds  \(space.text(of: genome))")
        }
        explain(bins, of: space)
    }

    /// How much of uniform draws and of all architectures falls into bins of cost.
    private func explain(_ bins: CostBins, of space: SearchSpace) {
        let distribution = CostDistribution(space, bins: bins)
        func percent(_ share: Double) -> String {
            share > 0 && share < 0.0005 ? "<0.1 %" : "\((1000 * share).rounded() / 10) %"
        }
        let shares = zip(distribution.uniformShares, distribution.genomeShares)
        Output.line("\nbins of \(bins.metric.rawValue):")
        let rows = shares.enumerated().map { bin, shares in
            ["\(bin + 1)", "\(Int(bins.target(bin)))", percent(shares.0), percent(shares.1)]
        }
        TextTable(header: ["bin", "target", "uniform draws", "architectures"], rows: rows).lines.forEach {
            Output.line($0)
        }
    }
}
