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
        discussion: "Prints the costs, and the main metric that results.csv has for it.")

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
                network, file: model, directory: data, pool: try threads.pool(kernels), kernels: kernels)
            if !network.isVerified {
                Output.tell("note: \(model) is unverified: an earlier version wrote it, without a digest")
            }
            Output.line("genome        \(network.description.genome)")
            Output.line("params        \(network.description.params)")
            Output.line("multiplyAdds  \(network.description.multiplyAdds)")
            Output.line("samples       \(evaluation.samples)")
            if let loss = evaluation.measured[.loss] { Output.line("loss          \(loss)") }
            guard let metric = TaskKind.usual(for: network.space.signature)?.mainMetric,
                let value = evaluation.measured[metric]
            else { return }
            let name = MeasurementStage.test.name(of: metric)
            Output.line("\(name.padding(toLength: max(12, name.count), withPad: " ", startingAt: 0))  \(value)")
            if let measured = network.description.measured[name], measured != value {
                Output.line("note: the run measured \(measured); this is other data, or another kind of processor")
            }
        }
    }
}
