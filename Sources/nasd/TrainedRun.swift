internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Tensors
internal import Training

/// The arguments that name a run whose trained supernet is to be used.
struct TrainedRun: ParsableArguments {
    @Argument(help: "The run file.")
    var file: String
    @Option(help: "The data directory of the run; default nasd-runs/NAME.")
    var directory: String?
    @Option(help: "The folder of the data; default data.directory of the file, or the current folder.")
    var data: String?
    @Option(help: "The seed, as the run was started with.")
    var seed: Int?
    @Option(name: .customLong("set"), help: "key=value, as the run was started with.")
    var overrides: [String] = []
    @Option(help: "Worker threads; default one for each core.")
    var workers: Int?

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers is from 1 to 1024") }
    }

    /// The supernet of the run's newest checkpoint.
    func load() throws -> TrainedSupernet {
        let workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
        let inputs = try RunFile(path: file).inputs(overrides: overrides, seed: seed, data: data) { _ in workers }
        return try TrainedSupernet(
            inputs, directory: directory ?? RunFile.usualDirectory(inputs.specification.name),
            pool: WorkerPool(count: workers), kernels: try Kernels())
    }
}
