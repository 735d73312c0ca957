internal import CSystemCalls
internal import Foundation
internal import Runs
public import SearchSpaces
public import Store
public import Supernets
public import Tensors
internal import Training

extension RunScheduler {
    /// Computes with a network beside the runs, one at a time, on the caller's thread and with memory that is spoken for.
    ///
    /// - Throws: `CoordinatorError.busy` while another network is computed with, `noMemoryNow`, and what the body throws.
    public func besideRuns<Value>(bytes: Int, _ body: (any Backend) throws -> Value) throws -> Value {
        guard deployment.try() else { throw CoordinatorError.busy }
        defer {
            deployment.unlock()
            nasd_release_free_memory()
        }
        guard let ticket = condition.withLock({ memory.take(bytes) }) else {
            throw CoordinatorError.noMemoryNow(neededBytes: bytes, freeBytes: condition.withLock { memory.free })
        }
        defer { giveBack(ticket) }
        return try body(kernels)
    }

    /// The network of the best subnet that is found for a budget, cut out of the run's newest checkpoint and measured on all
    /// validation examples; nothing of the run is changed.
    ///
    /// Loads the data and computes for up to a minute or two on the caller's thread and workers of its own.
    /// - Throws: `CoordinatorError.busy` while another network is being cut out, or what is wrong with run, data or budget.
    public func model(of run: StoredRun, within budget: CostBudget) throws -> ExtractedModel {
        guard deployment.try() else { throw CoordinatorError.busy }
        defer {
            deployment.unlock()
            nasd_release_free_memory()
        }
        // What can be said at once is said before data is loaded.
        guard try run.specification().hasNetworks else { throw CoordinatorError.noNetworks }
        try TrainedSupernet.check(budget, in: try run.space())
        let bytes = try permittedBytes(of: run)
        guard let ticket = condition.withLock({ memory.take(bytes) }) else {
            throw CoordinatorError.noMemoryNow(neededBytes: bytes, freeBytes: condition.withLock { memory.free })
        }
        defer { giveBack(ticket) }
        let workers = workers(for: try run.specification())
        let read = try settings.roots.inputs(of: run, workers: workers, control: deploymentControl)
        // The daemon ends.
        guard let inputs = read else { throw CoordinatorError.busy }
        // Runs multiply meanwhile, with as many workers as they may have.
        let besideRuns = max(1, kernels.mostWorkers - workerCount)
        let network: TrainedSupernet
        do {
            network = try TrainedSupernet(
                inputs, directory: store.directory.path, run: run.id,
                pool: try WorkerPool(count: min(workers, besideRuns), kernels: kernels), kernels: kernels,
                control: deploymentControl)
        } catch is TrainingError {
            throw CoordinatorError.noUsableCheckpoint(run: run.id.text)
        } catch is TensorFileError {
            throw CoordinatorError.noUsableCheckpoint(run: run.id.text)
        }
        let model = try network.extract(try network.genome(within: budget))
        // The daemon ends, and nothing was measured.
        guard !deploymentControl.isAsked else { throw CoordinatorError.busy }
        return model
    }
}
