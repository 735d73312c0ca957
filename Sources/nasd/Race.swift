internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs

/// `nasd race FILE`: how fast the candidates of a run's supernet are measured, and whether racing changes what is found.
struct Race: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how many candidates of a run's trained supernet a search measures in a second.",
        discussion: """
            Runs each search four times: with candidates measured one at a time, with what they have in common computed once \
            (prefixes), and stopped by an exact or a statistical bound beside (search.racing). Tells candidates per second, the \
            ratio to one at a time (in time, and in what processors worked), the share of candidates that were stopped and of examples that were seen, and whether \
            the same candidates were asked for and the same front was found. Nothing of the run is changed.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "Algorithms, separated by commas.")
    var algorithms = "nsga2"
    @Option(help: "Seeds 1 up to this.")
    var seeds = 1
    @Option(help: "How often each search is run, the fastest of which counts.")
    var repeats = 3
    @Option(help: "Evaluations of each search.")
    var evaluations = 250
    @Option(help: "Candidates of a generation.")
    var population = 20

    func validate() throws {
        guard seeds >= 1, repeats >= 1, evaluations >= population, population >= 2 else {
            throw ValidationError(
                "seeds, repeats, population and evaluations are positive, and evaluations a population at least")
        }
    }

    func run() throws {
        try Failure.catching {
            let searched = try algorithms.split(separator: ",").map { name in
                guard let algorithm = SearchAlgorithm(kind: String(name)) else {
                    let known = SearchAlgorithm.kinds.joined(separator: ", ")
                    throw Failure(code: .usage, message: "error: expected algorithms among \(known), found '\(name)'")
                }
                return algorithm
            }
            let benchmark = RacingBenchmark(try trained.load())
            Output.line(
                "algorithm,seed,way,candidatesPerSecond,ratio,processorRatio,stopped,examples,sameCandidates,frontMembers,frontShared,hypervolume"
            )
            for algorithm in searched {
                for seed in 1...seeds {
                    // One after the other, again and again: what else the machine does hits all of them.
                    var results: [RacingBenchmark.Way: RacingBenchmark.Result] = [:]
                    var seconds: [RacingBenchmark.Way: Double] = [:]
                    var worked: [RacingBenchmark.Way: Double] = [:]
                    for _ in 0..<repeats {
                        for way in RacingBenchmark.Way.allCases {
                            let result = try benchmark.search(
                                algorithm, seed: seed, evaluations: evaluations, population: population, way)
                            results[way] = result
                            seconds[way] = min(seconds[way] ?? .infinity, result.seconds)
                            worked[way] = min(worked[way] ?? .infinity, result.processorSeconds)
                        }
                    }
                    guard let base = results[.single], let slowest = seconds[.single], let most = worked[.single] else {
                        continue
                    }
                    for way in RacingBenchmark.Way.allCases {
                        guard let result = results[way], let time = seconds[way], let work = worked[way] else {
                            continue
                        }
                        let count = Double(result.asked.count)
                        let fields = [
                            algorithm.kind, "\(seed)", way.rawValue, Self.text(count / time), Self.text(slowest / time),
                            Self.text(most / work),
                            Self.text(Double(result.stopped) / max(1, count)), Self.text(result.share),
                            "\(result.asked == base.asked)", "\(result.frontCount)",
                            "\(result.frontShared(with: base))",
                            result.hypervolume.map { "\($0)" } ?? "",
                        ]
                        Output.line(fields.joined(separator: ","))
                    }
                    fflush(nil)
                }
            }
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
