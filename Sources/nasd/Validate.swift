internal import API
internal import ArgumentParser
internal import Coordinator
internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import UserFiles

/// `nasd validate FILE`: checks a space or run file and explains what it means.
struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a search space or run file and explain it.",
        discussion:
            "Reports every fault at once as file:line:column. Exit code 2 for an invalid file, 3 for a missing one."
    )

    @Argument(help: "A YAML file of kind SearchSpace or Run.", transform: PathText.checked)
    var file: String

    @Option(
        help:
            "The folder of the data, whose headers are looked at; default data.directory of the file, or the current one.",
        transform: PathText.checked)
    var data: String?

    @Option(
        name: .customLong("set"), help: "key=value: replaces a key of a run file, as for nasd run; may be repeated.")
    var overrides: [String] = []

    func run() throws {
        try Failure.catching {
            let name = UserText.name(of: file), text = try UserText.read(file)
            if !overrides.isEmpty, UserDocument.kind(of: text) == .space {
                throw Failure(
                    code: .usage, message: "error: --set replaces keys of a run file, and \(name) is a space file")
            }
            switch try UserDocument.parse(yaml: text, file: name, overrides: RunFile.changes(overrides)) {
            case .run(let run):
                let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: file)).space(
                    named: run.space, runFile: file)
                let settled = run.settled(in: space)
                try RunInputs.check(settled, in: space)
                let memory = try checkData(of: run, in: space)
                for text in settled.warnings(in: space) { Output.tell("warning: \(text)") }
                Output.line("\(name): valid run file\n")
                Output.line(settled.asHandedIn.resolvedYAML)
                if let text = settled.trainingText(in: space) { Output.line(text) }
                if let memory { Output.line(memory) }
                if !run.constraints.isEmpty, !space.costs.isEmpty {
                    Output.line(space.feasibleText(keeping: run.constraints))
                }
                explain(space, run.sampler.map { CostBins(space, of: $0) } ?? usualBins(space))
            case .space(let space):
                Output.line("\(name): valid search space\n")
                explain(space, usualBins(space))
            }
        }
    }

    /// Looks at the data where they are: a file can be checked before its data are there.
    ///
    /// - Returns: The memory that the run takes, in a line; nil where data are missing.
    private func checkData(of run: RunSpecification, in space: SearchSpace) throws -> String? {
        let workers = ProcessInfo.processInfo.activeProcessorCount
        do {
            let remark = try RunInputs.checkData(of: run, in: space, directory: data, workers: workers)
            if let remark { Output.tell(remark) }
            let bytes = try MemoryEstimate.bytes(
                run.settled(in: space), space, folder: data.map { DataFolder($0) }, workers: workers)
            return "memory: at most \(bytes >> 20) MiB with \(workers) worker\(workers == 1 ? "" : "s")"
        } catch DatasetError.missingFile(let file, _) where data == nil {
            Output.tell("note: the data were not looked at, for there is no \(file); name their folder with --data")
            return nil
        }
    }

    private func usualBins(_ space: SearchSpace) -> CostBins { CostBins(space, count: CostBins.usualCount) }

    private func explain(_ space: SearchSpace, _ bins: CostBins) {
        Output.line("space \(space.name) (\(space.familyName)), \(space.decisions.count) decisions")
        for (name, members) in space.decisionNames {
            let decisions = members.map { space.decisions[$0] }, options = decisions.map(\.optionTexts)
            guard Set(options).count == 1 else {
                for decision in decisions {
                    Output.line("  \(decision.fullName): \(decision.optionTexts.joined(separator: ", "))")
                }
                continue
            }
            // The networks of some spaces have no blocks that anybody knows of.
            let parts = if case .stage = decisions[0].scope { " stages" } else { " blocks" }
            let each = decisions.count > 1 ? "  (each of \(decisions.count)\(space.costs.isEmpty ? "" : parts))" : ""
            Output.line("  \(name): \(options[0].joined(separator: ", "))\(each)")
        }
        Output.line("architectures: \(space.canonicalGenomeCountText)")
        for (name, genome) in [("smallest", space.smallest), ("largest", space.largest)] {
            let cost = space.cost(of: genome)
            let costs = [(Metric.params, "params"), (.multiplyAdds, "multiply-adds")].compactMap { metric, unit in
                cost[metric].map { "\($0) \(unit)" }
            }
            let priced = costs.isEmpty ? "" : "\(costs.joined(separator: ", "))  "
            Output.line("\(name): \(priced)\(space.text(of: genome))")
        }
        if CostDistribution.counts(space, by: bins.metric) {
            explain(bins, of: space)
        } else if space.costs.contains(bins.metric) {
            Output.line("\nbins of \(bins.metric.name): the costs add up in too many ways to be counted")
        }
    }

    /// How much of uniform draws and of all architectures falls into bins of cost.
    private func explain(_ bins: CostBins, of space: SearchSpace) {
        let distribution = CostDistribution(space, bins: bins)
        func percent(_ share: Double) -> String {
            share > 0 && share < 0.0005 ? "<0.1 %" : "\((1000 * share).rounded() / 10) %"
        }
        let shares = zip(distribution.uniformShares, distribution.genomeShares)
        Output.line("\nbins of \(bins.metric.name):")
        let rows = shares.enumerated().map { bin, shares in
            ["\(bin + 1)", "\(Int(bins.target(bin)))", percent(shares.0), percent(shares.1)]
        }
        TextTable(header: ["bin", "target", "uniform draws", "architectures"], rows: rows).lines.forEach {
            Output.line($0)
        }
    }
}

extension SearchSpace {
    /// How many architectures keep constraints, in a line.
    func feasibleText(keeping constraints: [Constraint]) -> String {
        switch FeasibleCount(self, keeping: constraints) {
        case .counted(let count):
            let number = count < 1e15 ? "\(Int(count))" : "about \(Float(count))"
            return "feasible: \(number) of \(canonicalGenomeCountText) architectures keep every bound on costs"
        case .uncounted: return "feasible: the costs add up in too many ways to be counted"
        }
    }
}
