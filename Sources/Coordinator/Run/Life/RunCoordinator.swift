internal import Datasets
internal import Foundation
public import Logging
public import Runs
internal import SearchSpaces
public import Store
public import Tensors
public import Training

/// One run's life: the phases that its file asks for. It trains its supernet, searches it meanwhile and afterwards, or searches
/// what needs no training, measures the finalists, and survives being killed at any moment.
///
/// Everything is written before it is relied upon. After a kill the newest whole checkpoint is taken and the steps since
/// are done again, with the same bits; rows that the store already has are written again, which changes nothing and
/// fails on any difference. Works on the calling thread and the pool's.
public final class RunCoordinator {
    private let context: RunContext
    /// Nil for a run that trains nothing.
    private let training: TrainingPhase?
    /// What is searched; nil for a run without networks.
    private let weights: TrainedWeights?
    private let evaluator: any CandidateEvaluator

    /// Prepares a run of the store.
    ///
    /// - Parameters:
    ///   - commands: Programs that measure for runs which name them and have none of their own.
    ///   - connections: The workers that have connected, for commands whose workers do.
    ///   - log: Told what the run's own log is told; nil for none.
    ///   - report: Called on this thread with what happens.
    public init(
        store: RunStore, run: RunID, inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl,
        commands: [WorkerCommand] = [], connections: WorkerConnections? = nil, log: Logger? = nil,
        report: @escaping (RunProgress) -> Void = { _ in }
    ) throws {
        try store.directory.createRunDirectory(run)
        let inputs = try inputs.continuing(store.run(run))
        context = try RunContext(
            store: store, run: run, inputs: inputs, pool: pool, kernels: kernels, control: control,
            log: RunLog.logger(store, run, besides: log), report: report)
        let workers = WorkerMeans(context, commands: commands, connections: connections)
        training = try TrainingPhase(context, workers)
        weights =
            if inputs.specification.supernet != nil {
                try AdoptedCheckpoint(of: run, in: store.directory, inputs, pool: pool, kernels: kernels).weights
            } else {
                training?.trainer.network
            }
        evaluator = try inputs.specification.evaluator.usable().evaluator(
            EvaluatorMeans(
                inputs: inputs, metrics: context.metrics, weights: weights, control: control,
                workers: workers))
    }

    private var store: RunStore { context.store }
    private var run: RunID { context.run }
    private var inputs: RunInputs { context.inputs }

    /// Runs to the end, or until asked to stop.
    ///
    /// - Parameter allowsNumericsChange: Whether a run may go on with other kernels than it began with.
    /// - Throws: What keeps it from going on, such as a full disk; the state stays and the run can be continued.
    public func execute(allowsNumericsChange: Bool = false) throws -> RunOutcome {
        guard context.state != .completed else { return .completed }
        guard context.state != .cancelled else {
            throw StoreError.illegalTransition(
                run: run.text, from: context.state.rawValue, to: RunState.training.rawValue)
        }
        defer { evaluator.end() }
        do {
            let hasOtherNumerics = try checkIdentity(allowsNumericsChange: allowsNumericsChange)
            let folder = store.directory.runDirectory(run)
            for place in [folder, store.directory.modelDirectory(run), store.directory.checkpointDirectory(run)] {
                AtomicFile.removeLeftovers(in: place)
            }
            if context.extensions > 0 { removeNetworks() }
            let warnings = reviewData()
            try Manifest(
                run, fingerprints: inputs.fingerprints, numerics: context.numerics, kernels: context.kernels,
                warnings: warnings
            )
            .write(runYAML: inputs.specification.resolvedYAML, to: folder)
            try begin()
            guard try training?.trainer.prepare() ?? true else { return try stop() }
            try recover(hasOtherNumerics: hasOtherNumerics)
            return try work()
        } catch let error as CoordinatorError {
            let reason = "\(error)"
            var data: [String: EventData] = ["reason": .text(reason)]
            switch error {
            case .diverged, .noSlotLeft, .workerTraining, .fewMeasured: break
            case .nothingFeasible(_, let closest, _, _): data["closest"] = .list(closest.map { .number($0) })
            default: throw error
            }
            context.log.error("failed", metadata: ["reason": "\(reason)"])
            try context.change(to: .failed, EventDraft(.runFailed, data: EventData.object(data)), failure: reason)
            return .failed(reason: reason)
        }
    }

    // MARK: Beginning

    /// - Returns: Whether it goes on with other kernels than before.
    private func checkIdentity(allowsNumericsChange: Bool) throws -> Bool {
        let now = context.now, numerics = context.numerics
        let stored = try store.run(run)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let fingerprints = String(decoding: try encoder.encode(inputs.fingerprints), as: UTF8.self)
        if stored.draft.fingerprints != "{}", stored.draft.fingerprints != fingerprints {
            throw CoordinatorError.otherData(run: run.text)
        }
        try store.setFingerprints(run, fingerprints, time: now)
        if stored.draft.numerics.isEmpty {
            try store.setNumerics(run, numerics, time: now)
        } else if stored.draft.numerics != numerics {
            guard allowsNumericsChange else {
                throw CoordinatorError.otherNumerics(run: run.text, stored: stored.draft.numerics, found: numerics)
            }
            let data = EventData.object(["numerics": .text(numerics), "before": .text(stored.draft.numerics)])
            try store.setNumerics(run, numerics, event: EventDraft(.runResumed, data: data), time: now)
            context.notice("continues with \(numerics) after \(stored.draft.numerics)")
            return true
        }
        return false
    }

    /// Removes what an extended run had handed over: its numbers will be those of other candidates.
    private func removeNetworks() {
        let folder = store.directory.modelDirectory(run)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix("candidate-") {
            unlink("\(folder)/\(name)")
        }
    }

    /// Tells what about the data is probably not meant; the run goes on with them as they are.
    private func reviewData() -> [String] {
        let warnings =
            (inputs.dataset?.review() ?? []).map(\.description) + inputs.evaluatorWarnings
            + inputs.specification.warnings(in: inputs.space)
        for text in warnings {
            context.log.warning("\(text)")
            context.report(.warning(text))
        }
        return warnings
    }

    private func begin() throws {
        switch context.state {
        case .queued: try context.change(to: .preparing, EventDraft(.runStarted))
        case .paused, .failed: try context.change(to: .preparing, EventDraft(.runResumed))
        default: break
        }
    }

    /// Takes up what was done before.
    private func recover(hasOtherNumerics: Bool) throws {
        // Without training, the store alone has it: the round that was cut short goes on from its rows.
        if training == nil { context.step = context.plan.weightsStep }
        let redone = try training?.recover(hasOtherNumerics: hasOtherNumerics) ?? 0
        if context.state != .preparing {
            let data = EventData.object(["step": .number(context.step), "redone": .number(redone)])
            try store.appendEvent(run, EventDraft(.runRecovered, data: data), time: context.now)
            context.log.info(
                "recovered",
                metadata: ["step": .stringConvertible(context.step), "redone": .stringConvertible(redone)])
        }
        context.report(.recovered(step: context.step))
        if let budget = context.specification.budget {
            context.log.info(
                "\(budget.text) comes to these steps",
                metadata: ["steps": .stringConvertible(context.specification.steps)])
        }
    }

    // MARK: Working

    private func work() throws -> RunOutcome {
        let search = SearchPhase(context: context, evaluator: evaluator)
        while true {
            if let round = context.plan.round(at: context.step), (context.search?.round ?? -1) < round {
                guard try search.run(round: round, picks: training?.picks ?? []) else { return try stop() }
            }
            guard let training, context.step != context.plan.weightsStep else { break }
            try context.change(to: .training)
            guard try training.trainToMilestone() else { return try stop() }
        }
        let validation = ValidationPhase(context: context, evaluator: evaluator, weights: weights)
        if context.specification.finalists > 0 {
            try context.change(to: .validating)
            guard try validation.run() else { return try stop() }
        }
        guard try validation.complete() else { return try stop() }
        training?.removeAside()
        if weights != nil { context.log.info("steps executed: \(training?.executed ?? 0)") }
        context.log.info("completed")
        return .completed
    }

    private func stop() throws -> RunOutcome {
        let request = context.control.decide()
        switch request {
        case .pause: try context.change(to: .paused, EventDraft(.runPaused))
        case .cancel: try context.change(to: .cancelled, EventDraft(.runCancelled))
        case .stop, .none: break
        }
        context.log.info("stopped", metadata: ["step": .stringConvertible(context.step)])
        return .stopped(request)
    }
}
