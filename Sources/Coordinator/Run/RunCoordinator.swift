internal import Datasets
internal import Foundation
public import Logging
internal import Runs
internal import SearchSpaces
public import Store
internal import Supernets
public import Tensors
public import Training

/// One run's life: trains its supernet, searches it meanwhile and afterwards, measures the finalists, and survives being
/// killed at any moment.
///
/// Everything is written before it is relied upon. After a kill the newest whole checkpoint is taken and the steps since
/// are done again, with the same bits; rows that the store already has are written again, which changes nothing and
/// fails on any difference. Works on the calling thread and the pool's.
public final class RunCoordinator {
    let store: RunStore
    let run: RunID
    let inputs: RunInputs
    let control: RunControl
    let report: (RunProgress) -> Void
    let trainer: Trainer
    let measurer: CandidateMeasurer
    let checkpoints: CheckpointFolder
    let plan: RoundPlan
    let metrics: RunMetrics
    let numerics: String
    private let kernels: Kernels
    private let stepNote: StepNote
    private let log: Logger
    private var state: RunState
    /// Whether it goes on with other kernels than before.
    private var hasOtherNumerics = false
    /// The search's state after its last finished round.
    private var search: RoundState?
    /// What the store holds of the run, as far as the last checkpoint.
    private var results: ResultsChain
    private var recorder: TrainingRecorder

    static let mostRollbacks = 8

    /// Prepares a run of the store.
    ///
    /// - Parameters:
    ///   - log: Told what the run's own log is told; nil for none.
    ///   - report: Called on this thread with what happens.
    public init(
        store: RunStore, run: RunID, inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl,
        log: Logger? = nil, report: @escaping (RunProgress) -> Void = { _ in }
    ) throws {
        self.store = store
        self.run = run
        self.inputs = inputs
        self.control = control
        self.report = report
        let train = inputs.specification.train
        let seed = UInt64(inputs.specification.seed)
        try store.directory.createRunDirectory(run)
        self.log = RunLog.logger(store, run, besides: log)
        let stored = try store.run(run)
        state = stored.state
        metrics = try stored.metrics()
        numerics = Numerics.fingerprint(kernels)
        trainer = Trainer(
            supernet: inputs.space.supernet(), task: LearningTasks.task(inputs.dataset.goal), settings: train,
            source: try inputs.dataset.batches(of: train.batch, seed: seed),
            heldOut: inputs.dataset.split.sampler, seed: seed, pool: pool, kernels: kernels)
        measurer = CandidateMeasurer(
            trainer: trainer, dataset: inputs.dataset, pool: pool, kernels: kernels,
            control: control)
        checkpoints = CheckpointFolder(store: store, run: run)
        stepNote = StepNote(folder: store.directory.runDirectory(run))
        plan = RoundPlan(inputs.specification)
        self.kernels = kernels
        results = ResultsChain(run)
        recorder = TrainingRecorder(every: train.recordEvery, elapsedSeconds: 0)
    }

    /// Runs to the end, or until asked to stop.
    ///
    /// - Parameter allowsNumericsChange: Whether a run may go on with other kernels than it began with.
    /// - Throws: What keeps it from going on, such as a full disk; the state stays and the run can be continued.
    public func execute(allowsNumericsChange: Bool = false) throws -> RunOutcome {
        guard state != .completed else { return .completed }
        guard state != .cancelled else {
            throw StoreError.illegalTransition(run: run.text, from: state.rawValue, to: RunState.training.rawValue)
        }
        do {
            try checkIdentity(allowsNumericsChange: allowsNumericsChange)
            let folder = store.directory.runDirectory(run)
            for place in [folder, store.directory.modelDirectory(run), store.directory.checkpointDirectory(run)] {
                AtomicFile.removeLeftovers(in: place)
            }
            let warnings = reviewData()
            try Manifest(run, fingerprints: inputs.fingerprints, kernels: kernels, warnings: warnings)
                .write(runYAML: inputs.specification.resolvedYAML, to: folder)
            try begin()
            try recover()
            return try work()
        } catch let error as CoordinatorError {
            let reason = "\(error)"
            var data: [String: EventData] = ["reason": .text(reason)]
            switch error {
            case .diverged: break
            case .nothingFeasible(_, let closest, _): data["closest"] = .list(closest.map { .number($0) })
            default: throw error
            }
            log.error("failed", metadata: ["reason": "\(reason)"])
            try change(to: .failed, EventDraft(.runFailed, data: EventData.object(data)), failure: reason)
            return .failed(reason: reason)
        }
    }

    // MARK: Beginning

    private func checkIdentity(allowsNumericsChange: Bool) throws {
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
            hasOtherNumerics = true
            notice("continues with \(numerics) after \(stored.draft.numerics)")
        }
    }

    /// Tells what about the data is probably not meant; the run goes on with them as they are.
    private func reviewData() -> [String] {
        let warnings = inputs.dataset.review().map(\.description)
        for text in warnings {
            log.warning("\(text)")
            report(.warning(text))
        }
        return warnings
    }

    private func begin() throws {
        switch state {
        case .queued: try change(to: .preparing, EventDraft(.runStarted))
        case .paused, .failed: try change(to: .preparing, EventDraft(.runResumed))
        default: break
        }
    }

    /// Takes the newest whole checkpoint, or starts from initial weights.
    private func recover() throws {
        let done = max(try store.run(run).step, stepNote.step)
        try restore(from: try checkpoints.files())
        // What is told of the steps after the checkpoint will differ in its last bits, or in more.
        if hasOtherNumerics {
            try store.forgetTraining(run, afterStep: trainer.step)
        } else if let step = try firstStepOfAnotherRate() {
            try store.forgetTraining(run, afterStep: step - 1)
        }
        recorder = TrainingRecorder(
            every: inputs.specification.train.recordEvery,
            elapsedSeconds: try store.trainingRecord(run, upToStep: trainer.step)?.elapsedSeconds ?? 0)
        if state != .preparing {
            let redone = max(0, done - trainer.step)
            let data = EventData.object(["step": .number(trainer.step), "redone": .number(redone)])
            try store.appendEvent(run, EventDraft(.runRecovered, data: data), time: now)
            log.info(
                "recovered", metadata: ["step": .stringConvertible(trainer.step), "redone": .stringConvertible(redone)])
        }
        report(.recovered(step: trainer.step))
    }

    /// The first step after the checkpoint that was recorded after a rollback, with a lower rate: training will first come to
    /// that rollback again. Nil when there is none.
    private func firstStepOfAnotherRate() throws -> Int? {
        var last = trainer.step
        while true {
            let page = try store.trainingRecords(run, afterStep: last, limit: 1000)
            if let other = page.first(where: { $0.learningRate != trainer.learningRate(ofStep: $0.step) }) {
                return other.step
            }
            guard page.count == 1000, let step = page.last?.step else { return nil }
            last = step
        }
    }

    /// Takes the first whole checkpoint of the files whose results the store holds, or starts from initial weights where
    /// there is none.
    ///
    /// - Throws: What kept a file from being read: only damage that was read is damage.
    private func restore(from files: [String]) throws {
        for file in files {
            do {
                let header = try trainer.restore(from: file, fingerprints: inputs.fingerprints)
                search = try header.search.map(RoundState.init(json:))
                guard try takeResults(of: header, file) else { continue }
                return
            } catch  where !TransientFault.isOne(error) && !(error is StoreError) {
                notice("checkpoint passed over: \(error)")
                try checkpoints.setAside(file, .unusable)
            }
        }
        trainer.restart()
        trainer.rateFactor = 1
        search = nil
        results = ResultsChain(run)
    }

    /// Reads the results that a checkpoint builds on; false when the store does not have them as they were.
    private func takeResults(of header: CheckpointHeader, _ file: String) throws -> Bool {
        results = ResultsChain(run)
        guard let json = header.results else {
            notice(
                "\(file) was written by an earlier version: whether the database has all that it builds on is unverified"
            )
            return true
        }
        let wanted = try ResultsMark(json: json)
        try results.extend(rounds: wanted.rounds, step: wanted.step, recorded: wanted.recorded, in: store.bulk)
        if results.mark == wanted { return true }
        notice(
            "\(file) builds on \(wanted.candidates) candidates of \(wanted.rounds) rounds, and the database does not have "
                + "them as they were: it lost its end, was damaged, or an older one was put back; what is missing is "
                + "computed again")
        try checkpoints.setAside(file, .unmatched)
        return false
    }

    // MARK: Working

    private func work() throws -> RunOutcome {
        while true {
            if let round = plan.round(at: trainer.step), (search?.round ?? -1) < round {
                guard try runRound(round) else { return try stop() }
            }
            if trainer.step == plan.steps { break }
            try change(to: .training, nil)
            guard try trainToMilestone() else { return try stop() }
        }
        try change(to: .validating, nil)
        guard try Validation(self).run() else { return try stop() }
        try Validation(self).complete { event in try change(to: .completed, event) }
        try? checkpoints.removeAside()
        log.info("completed")
        return .completed
    }

    /// Trains until a checkpoint is due and written, or training went back to one; false when asked to stop.
    private func trainToMilestone() throws -> Bool {
        while true {
            let start = ContinuousClock.now
            let result = try trainer.trainStep()
            guard result.isFinite else {
                try rollBack()
                return true
            }
            stepNote.note(trainer.step)
            report(.trained(step: trainer.step, of: plan.steps, loss: result.loss))
            if let record = recorder.note(result, step: trainer.step, from: start) { report(.recorded(record)) }
            if isMilestone(trainer.step) {
                guard trainer.isFinite else {
                    try rollBack()
                    return true
                }
                try writeCheckpoint(loss: result.loss)
                return true
            }
            if control.isAsked {
                if trainer.isFinite { try writeCheckpoint(loss: nil) }
                return false
            }
            if recorder.isFull { try writeRecords() }
        }
    }

    /// Whether a step brings a checkpoint.
    private func isMilestone(_ step: Int) -> Bool {
        step % inputs.specification.train.checkpointEvery == 0 || step == plan.steps || plan.round(at: step) != nil
    }

    /// The last step before one that brings a checkpoint; 0 for none.
    private func lastMilestone(before step: Int) -> Int { (1..<max(1, step)).last(where: isMilestone) ?? 0 }

    /// - Parameter loss: The last step's loss, for the event; nil for a checkpoint that only a stop brought about, of
    ///   which results must not tell.
    private func writeCheckpoint(loss: Double?) throws {
        // What tells of the steps comes first: once the checkpoint is there, they are not done again.
        if let loss { try tellProgress(loss: loss) } else { try writeRecords() }
        // The sampler's numbers are told at milestones alone: what was learned since is still to come.
        let told = loss == nil ? lastMilestone(before: trainer.step) : trainer.step
        try results.extend(rounds: (search?.round ?? -1) + 1, step: told, recorded: trainer.step, in: store.bulk)
        try checkpoints.write(
            trainer, fingerprints: inputs.fingerprints, numerics: numerics, search: try search?.json(),
            results: results.mark, isMilestone: isMilestone)
        try store.setStep(run, trainer.step, time: now)
        log.info("checkpoint", metadata: ["step": .stringConvertible(trainer.step)])
    }

    /// Writes the records that were gathered.
    private func writeRecords(with statistics: [SamplerStatistic] = []) throws {
        guard !(recorder.unwritten.isEmpty && statistics.isEmpty) else { return }
        try store.recordTraining(run, recorder.unwritten, statistics: statistics)
        recorder.clear()
    }

    /// What was recorded and drawn since the last milestone, and how far training is.
    private func tellProgress(loss: Double) throws {
        let begin = lastMilestone(before: trainer.step)
        try writeRecords(
            with: trainer.samplerFigures(of: begin..<trainer.step).map {
                SamplerStatistic(step: $0.step, name: $0.name, bin: $0.bin, value: $0.value)
            })
        trainer.sampler.forgetFigures()
        // Under other numerics the same step has another loss: that is another event.
        var bits = StableHash()
        bits.combine(numerics)
        try store.appendEvent(
            run,
            EventDraft(
                .runProgress,
                data: EventData.object([
                    "step": .number(trainer.step), "steps": .number(plan.steps), "loss": .real(loss),
                ]), key: "progress-\(trainer.step)-\(bits.hexadecimal.prefix(8))"), time: now)
    }

    /// Goes back to the last milestone with half the rate.
    ///
    /// Milestones alone, and rates counted from theirs: the same decision wherever the run was stopped in between.
    private func rollBack() throws {
        let step = trainer.step
        let factor = trainer.rateFactor / 2
        try restore(
            from: try checkpoints.files().filter {
                CheckpointFolder.step(of: $0).map { $0 < step && isMilestone($0) } ?? false
            })
        // The milestone's own factor, halved once for each time that training went back to it.
        guard factor >= trainer.rateFactor / Double(1 << Self.mostRollbacks) else {
            throw CoordinatorError.diverged(step: step, rollbacks: Self.mostRollbacks)
        }
        trainer.rateFactor = factor
        stepNote.note(trainer.step)
        try checkpoints.remove(past: trainer.step)
        try store.forgetTraining(run, afterStep: trainer.step)
        recorder.clear()
        report(.recovered(step: trainer.step))
        notice("training diverged at step \(step): back to step \(trainer.step) with \(factor) of the rate")
        let data = EventData.object([
            "step": .number(step), "to": .number(trainer.step), "rateFactor": .real(factor),
        ])
        try store.appendEvent(
            run, EventDraft(.trainingRollback, data: data, key: "rollback-\(step)-\(factor)"), time: now)
    }

    /// Runs a round to its end; false when asked to stop.
    private func runRound(_ round: Int) throws -> Bool {
        if try store.loadRound(run, round: round)?.state != .completed {
            if state == .validating { try change(to: .training, nil) }
            try change(to: .searching, nil)
        }
        let runner = RoundRunner(
            store: store, run: run, inputs: inputs, measurer: measurer, plan: plan, metrics: metrics,
            report: report)
        guard
            let state = try runner.finish(
                round: round, step: trainer.step, survivors: search?.survivors ?? [],
                picks: trainer.sampler.picks)
        else { return false }
        search = state
        try tell(state)
        return true
    }

    /// The events of a finished round.
    private func tell(_ state: RoundState) throws {
        let round = state.round, settings = inputs.specification.search
        var data: [String: EventData] = [
            "round": .number(round), "weightsStep": .number(trainer.step), "evaluations": .number(state.evaluations),
        ]
        if let volume = try store.loadRound(run, round: round)?.hypervolume { data["hypervolume"] = .real(volume) }
        try store.appendEvent(
            run, EventDraft(.searchRound, data: EventData.object(data), key: "round-\(round)"), time: now)
        let front = try store.bulk.front(
            run, weightsStep: trainer.step, objectives: settings.objectives, constraints: settings.constraints)
        let members = EventData.object([
            "round": .number(round), "weightsStep": .number(trainer.step),
            "candidates": .list(front.prefix(1000).map { .number($0.candidate.number) }),
        ])
        try store.appendEvent(run, EventDraft(.searchFront, data: members, key: "front-\(round)"), time: now)
        log.info("round", metadata: ["round": .stringConvertible(round), "front": .stringConvertible(front.count)])
    }

    private func stop() throws -> RunOutcome {
        let request = control.decide()
        switch request {
        case .pause: try change(to: .paused, EventDraft(.runPaused))
        case .cancel: try change(to: .cancelled, EventDraft(.runCancelled))
        case .stop, .none: break
        }
        log.info("stopped", metadata: ["step": .stringConvertible(trainer.step)])
        return .stopped(request)
    }

    // MARK: Telling

    var now: Timestamp { Timestamp(Date()) }

    private func notice(_ text: String) {
        log.warning("\(text)")
        report(.notice(text))
    }

    /// Changes the state where it differs, with the event that tells it.
    private func change(
        to next: RunState, _ event: EventDraft?, failure: String? = nil
    ) throws {
        guard state != next else { return }
        let event =
            event
            ?? EventDraft(
                .runProgress,
                data: EventData.object(["state": .text(next.rawValue), "step": .number(trainer.step)]))
        try store.transition(run: run, to: next, event: event, time: now, step: trainer.step, failure: failure)
        state = next
        report(.state(next))
    }
}
