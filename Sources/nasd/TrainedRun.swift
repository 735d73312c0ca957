internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Tensors
internal import Training

/// The arguments that name a run whose trained supernet is to be used.
struct TrainedRun: ParsableArguments {
    @Argument(help: "The run file.", transform: PathText.checked)
    var file: String
    @Option(help: "The data directory of the run; default nasd-runs/NAME.", transform: PathText.checked)
    var directory: String?
    @Option(
        help: "The folder of the data; default data.directory of the file, or the current folder.",
        transform: PathText.checked)
    var data: String?
    @Option(help: "The seed, as the run was started with.")
    var seed: Int?
    @Option(name: .customLong("set"), help: "key=value, as the run was started with.")
    var overrides: [String] = []
    @OptionGroup var threads: WorkerArguments

    /// The supernet of the run's newest checkpoint.
    func load() throws -> TrainedSupernet { try load { inputs, pool, kernels in try network(inputs, pool, kernels) } }

    /// What the run reads, and who computes; none of its weights.
    func begin() throws -> (inputs: RunInputs, pool: WorkerPool, kernels: Kernels) {
        try load { inputs, pool, kernels in (inputs, pool, kernels) }
    }

    /// A comparison on that supernet, or on what the run's evaluator knows without any, and the run.
    func comparison(
        referenceAccuracy: Double
    ) throws -> (comparison: SearchComparison, specification: RunSpecification) {
        try load { inputs, pool, kernels in
            let specification = inputs.specification
            guard inputs.specification.hasNetworks else {
                for text in inputs.evaluatorWarnings { Output.tell("warning: \(text)") }
                return (try SearchComparison(inputs), specification)
            }
            let task = inputs.specification.task(in: inputs.space)
            guard task?.metrics.contains(.accuracy) == true else {
                throw Failure(
                    code: .usage,
                    message:
                        "error: supernets are compared by accuracy, which the task \(task?.name ?? "none") does not have"
                )
            }
            let network = try network(inputs, pool, kernels)
            return (SearchComparison(network, referenceAccuracy: referenceAccuracy), specification)
        }
    }

    private func load<Value>(_ body: (RunInputs, WorkerPool, Kernels) throws -> Value) throws -> Value {
        let kernels = try Kernels()
        let workers = threads.count(kernels)
        let inputs = try RunFile(path: file).inputs(
            overrides: overrides, seed: seed, data: data, directory: directory
        ) { _ in workers }
        return try body(inputs, try WorkerPool(count: workers, kernels: kernels), kernels)
    }

    private func network(_ inputs: RunInputs, _ pool: WorkerPool, _ kernels: Kernels) throws -> TrainedSupernet {
        try TrainedSupernet(
            inputs, directory: try RunFile.directory(directory, of: inputs.specification), pool: pool,
            kernels: kernels)
    }
}
