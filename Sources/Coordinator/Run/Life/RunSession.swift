internal import Foundation
internal import Logging
public import Runs
internal import SearchSpaces
public import Store
public import Tensors
public import Training

/// A run in a data directory of its own, in the foreground: begins it, or finds and continues it.
public struct RunSession: Sendable {
    /// The store of the directory.
    public let store: RunStore
    /// The run.
    public let run: StoredRun
    /// Whether the run was there before.
    public let isContinued: Bool

    /// Opens a data directory and finds the run of the inputs in it, or creates it.
    ///
    /// - Parameter kernels: Those that a completed run which is asked for with more must have begun with; nil for any.
    /// - Throws: `StoreError`, or `CoordinatorError.otherRun` when the directory holds a run of other settings, `otherData` when
    ///   it is the same run on other data, and `otherNumerics`.
    public init(_ inputs: RunInputs, directory path: String, kernels: Kernels? = nil) throws {
        let store = try RunStore(DataDirectory(owning: path))
        do {
            (run, isContinued) = try Self.findOrCreate(inputs, in: store, directory: path, kernels: kernels)
        } catch {
            // A refusal leaves the directory as clean as it was.
            try? store.close()
            throw error
        }
        self.store = store
    }

    private static func findOrCreate(
        _ inputs: RunInputs, in store: RunStore, directory path: String, kernels: Kernels?
    ) throws -> (StoredRun, isContinued: Bool) {
        let specification = inputs.specification
        let known = try store.storedRuns(limit: 1000)
        if let same = try known.first(where: { try $0.differences(from: inputs).isEmpty }) {
            if let stored = same.fingerprints, stored.data != inputs.fingerprints.data {
                throw CoordinatorError.otherData(run: same.id.text)
            }
            return (same, true)
        }
        if let (completed, extended) = try extended(known, inputs) {
            // What it has goes with the first change, so nothing may stand in the way of more.
            let stored = completed.draft.numerics,
                found = kernels.map(inputs.numerics) ?? stored
            guard stored.isEmpty || stored == found else {
                throw CoordinatorError.otherNumerics(run: completed.id.text, stored: stored, found: found)
            }
            try extend(completed, to: extended, in: store)
            return (try store.run(completed.id), true)
        }
        if let failed = try known.first(where: { try isExtension($0, inputs) }) {
            try store.setLimits(
                failed.id, runYAML: inputs.specification.continuing(failed.specification()).resolvedYAML,
                priority: failed.priority,
                time: Timestamp(Date()))
            return (try store.run(failed.id), true)
        }
        if let unbegun = try known.first(where: { try isUnbegun($0, but: inputs) }) {
            try store.setLimits(
                unbegun.id, runYAML: inputs.specification.resolvedYAML, priority: unbegun.priority,
                time: Timestamp(Date()))
            return (try store.run(unbegun.id), true)
        }
        if let other = known.first {
            throw CoordinatorError.otherRun(
                directory: path, run: "\(other.id) (\(other.name))", keys: try other.differences(from: inputs))
        }
        // A run that could never begin would be in the way of one that is mended.
        if let source = specification.supernet {
            try SourceRun(source, in: store).check(specification, in: inputs.space)
        }
        try inputs.checkStart()
        var generator = SystemRandomNumberGenerator()
        let run = try store.createRun(
            specification, space: inputs.space, webhook: specification.webhook.map(WebhookEndpointDraft.init),
            time: Timestamp(Date()), using: &generator)
        return (run, false)
    }

    /// The inputs with what the run file leaves open until the run begins: the steps that its minutes come to here, or the
    /// weights of another run that it searches, whose checkpoint is the run's own from here on. Both are stored.
    ///
    /// - Returns: Nil when asked to stop before the steps were known.
    /// - Throws: `RunError.unfitSetting` where the budget comes to no training that the settings go with, or what is wrong with
    ///   the other run.
    public func settled(
        _ inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl,
        measure: TrainingPace.Measure = TrainingPace.measure
    ) throws -> RunInputs? {
        let stored = try store.run(run.id)
        return try inputs.settled(
            as: stored, in: store, pool: pool, kernels: kernels, control: control, measure: measure
        ) {
            try store.setLimits(
                run.id, runYAML: $0.resolvedYAML, priority: stored.priority, time: Timestamp(Date()))
        }
    }

    /// Runs to the end, or until asked to stop.
    ///
    /// - Parameter inputs: As `settled` gives them, where training has a budget.
    public func execute(
        _ inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl,
        allowsNumericsChange: Bool = false, report: @escaping (RunProgress) -> Void
    ) throws -> RunOutcome {
        if try store.run(run.id).state == .completed { return .completed }
        return try RunCoordinator(
            store: store, run: run.id, inputs: inputs, pool: pool, kernels: kernels, control: control, report: report
        ).execute(allowsNumericsChange: allowsNumericsChange)
    }

    /// Appends a line to the run's log, whoever computes it meanwhile.
    public func log(_ message: String, _ fields: [String: String]) {
        RunLog.logger(store, run.id).notice("\(message)", metadata: fields.mapValues { "\($0)" })
    }

    /// The results of the run.
    public func results(_ specification: RunSpecification) -> RunResults {
        RunResults(store: store, directory: store.directory, run: run.id, specification: specification)
    }

    /// Whether what is asked for is a run with another extent, whose own was never turned into steps.
    private static func isUnbegun(_ stored: StoredRun, but inputs: RunInputs) throws -> Bool {
        guard stored.state == .queued, try stored.specification().isBudgetOpen else { return false }
        return try stored.differences(from: inputs).allSatisfy { $0.hasPrefix("train.budget.") }
    }

    /// The completed run that is asked for with more steps or evaluations, and its settings then.
    private static func extended(
        _ known: [StoredRun], _ inputs: RunInputs
    ) throws -> (StoredRun, RunSpecification)? {
        for run in known where run.state == .completed {
            guard try run.space().fingerprint == inputs.space.fingerprint,
                let extended = inputs.specification.extending(try run.specification())
            else { continue }
            if let stored = run.fingerprints, stored.data != inputs.fingerprints.data {
                throw CoordinatorError.otherData(run: run.id.text)
            }
            return (run, extended)
        }
        return nil
    }

    /// Opens a completed run for more; its last round is searched anew, as a run would that was asked for so much at once.
    private static func extend(_ run: StoredRun, to extended: RunSpecification, in store: RunStore) throws {
        let begun = try run.specification()
        var data: [String: EventData] = [:]
        if extended.train != nil { data["steps"] = .number(extended.steps) }
        if let search = extended.search { data["evaluations"] = .number(search.evaluations) }
        try store.extend(
            run.id, runYAML: extended.resolvedYAML, lastRound: begun.search == nil ? nil : RoundPlan(begun).last,
            data: EventData.object(data), time: Timestamp(Date()))
    }

    /// Whether what is asked for is a failed run with more evaluations, and nothing else.
    private static func isExtension(_ stored: StoredRun, _ inputs: RunInputs) throws -> Bool {
        guard stored.state == .failed, try stored.differences(from: inputs) == ["search.evaluations"],
            stored.fingerprints.map({ $0.data == inputs.fingerprints.data }) ?? true
        else { return false }
        let begun = try stored.specification()
        return RoundPlan(try inputs.specification.continuing(begun)).evaluations > RoundPlan(begun).evaluations
    }
}

extension StoredRun {
    /// The fingerprints that the run began with; nil before its data was read.
    var fingerprints: Fingerprints? {
        try? JSONDecoder().decode(Fingerprints.self, from: Data(draft.fingerprints.utf8))
    }

    /// The keys in which the run differs from what is asked for, `space` among them.
    func differences(from inputs: RunInputs) throws -> [String] {
        let space = try space()
        return inputs.specification.decisiveDifferences(from: try specification())
            + (space.fingerprint == inputs.space.fingerprint ? [] : ["space"])
    }
}

extension RunInputs {
    /// The same inputs under the fingerprints that a run began with, where its settings are the same.
    ///
    /// Settings that an earlier version did not have change the text that fingerprints are made of, and nothing else.
    func continuing(_ run: StoredRun) throws -> RunInputs {
        guard let begun = run.fingerprints, begun != fingerprints, begun.data == fingerprints.data,
            try run.differences(from: self).isEmpty
        else { return self }
        var inputs = self
        inputs.fingerprints = begun
        return inputs
    }
}
