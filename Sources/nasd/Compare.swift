internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces

/// `nasd compare FILE`: search algorithms against one another on the trained supernet of a run, or samplers against one another
/// in trainings of their own.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare search algorithms on a run's trained supernet or its table, or samplers at equal compute.",
        discussion: """
            Prints the hypervolume for each algorithm and seed at equal evaluations: of accuracy and multiply-adds on a \
            supernet, for which the run must have a checkpoint; of the run's objectives on a table. A search ends early once \
            it has asked for every architecture. Nothing of the run is changed.

            With --samplers: trains a supernet for each sampler and seed until --multiply-adds are executed (forward once, \
            backward twice, teachers and measurements included), with the rate and the batch that short trials on a part of \
            the training examples choose, and measures the same subnets of every bin of cost. Prints means and differences \
            to the first sampler, paired by seed, with 95 % intervals; results.csv, results.svg and what is needed to go on \
            after an interruption are in --output.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "Algorithms, separated by commas.")
    var algorithms = "nsga2,random"
    @Option(help: "Seeds 1 up to this, of searches or of trainings.")
    var seeds = 5
    @Option(help: "Evaluations of each search.")
    var evaluations = 200
    @Option(help: "Candidates of a generation.")
    var population = 20
    @Option(help: "What an accuracy on a supernet must exceed to count.")
    var referenceAccuracy = 0.9
    @OptionGroup(title: "Samplers") var samplers: SamplerArguments

    func validate() throws {
        guard seeds >= 1, evaluations >= population, population >= 2, (0..<1).contains(referenceAccuracy) else {
            throw ValidationError("seeds, population and evaluations are positive, the reference is from 0 up to 1")
        }
    }

    func run() throws {
        try Failure.catching {
            if let text = samplers.samplers {
                return try CompareSamplers(trained: trained, arguments: samplers, seeds: seeds).run(text)
            }
            let searched = try algorithms.split(separator: ",").map { name in
                guard let algorithm = SearchAlgorithm(kind: String(name)) else {
                    let known = SearchAlgorithm.kinds.joined(separator: ", ")
                    throw Failure(code: .usage, message: "error: expected algorithms among \(known), found '\(name)'")
                }
                return algorithm
            }
            let comparison = try trained.comparison(referenceAccuracy: referenceAccuracy)
            let best = comparison.mainMetric?.name(behind: "best") ?? "best"
            Output.line("algorithm,seed,evaluations,hypervolume,\(best)")
            var asked = 0, failed = 0
            for seed in 1...seeds {
                for algorithm in searched {
                    let result = try comparison.search(
                        algorithm, seed: seed, evaluations: evaluations, population: population)
                    // What there is no number for is an empty field.
                    let numbers = [result.hypervolume, result.best].map { $0.map { "\($0)" } ?? "" }
                    Output.line("\(algorithm.kind),\(seed),\(result.evaluations),\(numbers.joined(separator: ","))")
                    // A search takes a while: whoever reads a pipe sees it when it is done.
                    fflush(nil)
                    asked += result.evaluations
                    failed += result.failed
                }
            }
            if failed > 0 {
                Output.tell("note: \(failed) of \(asked) candidates could not be measured, such as without an entry")
            }
        }
    }
}
