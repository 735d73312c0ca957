internal import ArgumentParser
internal import Coordinator
internal import SearchSpaces

/// `nasd deploy FILE --budget multiplyAdds=2.5M`: the best subnet for a budget, of candidates that are measured.
struct Deploy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cut the best subnet for a budget out of a run's supernet.",
        discussion: """
            Of the architectures that cost within 2 % of the budget it measures up to 64 on validation examples: drawn at \
            random, then by what the measured ones tell of each option, and what the run's sampler has learned where it learns. \
            The best few are measured on all validation examples, and the best is written as a network file. The answer is the \
            same each time for the same weights. Takes the newest checkpoint, also of a live run.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(
        help: "multiplyAdds or params and a number, with k, M or G: multiplyAdds=2.5M.",
        transform: CostBudget.init(text:))
    var budget: CostBudget
    @OptionGroup var network: NetworkArguments
    @Option(help: "The file to write, complete or not at all.", transform: PathText.checked)
    var output: String?

    func run() throws {
        try Failure.catching {
            let run = try trained.load()
            let (lines, isPiped) = try network.write(try run.genome(within: budget), of: run, to: output)
            (lines + (output.map { ["network       \($0)"] } ?? [])).forEach {
                isPiped ? Output.tell($0) : Output.line($0)
            }
        }
    }
}
