internal import ArgumentParser
internal import Foundation
internal import Tensors
internal import Training

/// The argument that says how many threads compute.
struct WorkerArguments: ParsableArguments {
    @Option(help: "Worker threads; default the run file's, or one for each core.")
    var workers: Int?

    func validate() throws {
        if let workers, !(1...Kernels.mostThreads).contains(workers) {
            throw ValidationError("--workers is from 1 to \(Kernels.mostThreads)")
        }
    }

    /// How many there will be, and a note where that is fewer than asked for; results do not depend on it.
    ///
    /// - Parameter usual: What is asked for where the argument is not given; nil for one for each core.
    func count(_ kernels: Kernels, usual: Int? = nil) -> Int {
        let wanted = workers ?? usual ?? ProcessInfo.processInfo.activeProcessorCount
        guard wanted > kernels.mostWorkers else { return wanted }
        Output.tell("note: \(kernels.mostWorkers) workers, as many as this OpenBLAS serves, in place of \(wanted)")
        return kernels.mostWorkers
    }

    /// Starts them.
    ///
    /// - Throws: `ThreadError`.
    func pool(_ kernels: Kernels) throws -> WorkerPool {
        try WorkerPool(count: count(kernels), kernels: kernels)
    }
}
