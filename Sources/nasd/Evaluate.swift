internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Supernets
internal import Tensors
internal import Training

/// `nasd evaluate MODEL`: a network file measured on the test data of its run.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a network file on test data.",
        discussion: "Prints the accuracy that results.csv has for it.")

    @Argument(help: "A .safetensors file that a run left.")
    var model: String
    @Option(help: "The folder of the data; default the one of the run.")
    var data: String?
    @Option(help: "Worker threads; default one for each core.")
    var workers: Int?

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers is from 1 to 1024") }
    }

    func run() throws {
        try Failure.catching {
            let network = try ExtractedModel(file: model)
            let pool = WorkerPool(count: workers ?? ProcessInfo.processInfo.activeProcessorCount)
            let evaluation = try ModelEvaluation.test(
                network, file: model, directory: data, pool: pool, kernels: try Kernels())
            print("genome        \(network.description.genome)")
            print("params        \(network.description.params)")
            print("multiplyAdds  \(network.description.multiplyAdds)")
            print("samples       \(evaluation.samples)")
            print("loss          \(evaluation.loss)")
            print("testAccuracy  \(evaluation.accuracy)")
            if let measured = network.description.measured["testAccuracy"], measured != evaluation.accuracy {
                print("note: the run measured \(measured); this is other data, or another kind of processor")
            }
        }
    }
}
