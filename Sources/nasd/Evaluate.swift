internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors
internal import Training

/// `nasd evaluate MODEL`: a network file measured on the test data of its run.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a network file on test data.",
        discussion: "Prints what results.csv has for it: accuracy, or the errors of numbers.")

    @Argument(help: "A .safetensors file that a run left.", transform: PathText.checked)
    var model: String
    @Option(help: "The folder of the data; default the one of the run.", transform: PathText.checked)
    var data: String?
    @OptionGroup var threads: WorkerArguments

    func run() throws {
        try Failure.catching {
            let network = try ExtractedModel(file: model)
            let kernels = try Kernels()
            let evaluation = try ModelEvaluation.test(
                network, file: model, directory: data, pool: try threads.pool(kernels), kernels: kernels
            ) { Output.tell("warning: \($0)") }
            if !network.isVerified {
                Output.tell("note: \(model) is unverified: an earlier version wrote it, without a digest")
            }
            func line(_ name: String, _ value: some CustomStringConvertible) {
                Output.line(name.padding(toLength: max(14, name.count + 2), withPad: " ", startingAt: 0) + "\(value)")
            }
            line("genome", network.description.genome)
            line("params", network.description.params)
            line("multiplyAdds", network.description.multiplyAdds)
            line("samples", evaluation.samples)
            line("loss", evaluation[.loss])
            let qualities = try ModelEvaluation.task(of: network, file: model)?.metrics.filter { $0 != .loss } ?? []
            for metric in qualities { line(MeasurementStage.test.name(of: metric), evaluation[metric]) }
            if let main = qualities.first,
                let measured = network.description.measured[MeasurementStage.test.name(of: main)],
                measured != evaluation[main]
            {
                let reason =
                    network.description.isFolded == true
                    ? "before norms were folded" : "this is other data, or another kind of processor"
                Output.line("note: the run measured \(measured); \(reason)")
            }
        }
    }
}
