internal import Foundation
internal import SearchSpaces
public import Store

extension RunScheduler {
    /// Asks a run to pause: at once while it waits, at the end of its step while it computes.
    ///
    /// - Throws: `StoreError.illegalTransition` for a run that is neither.
    public func pause(_ id: RunID) throws {
        try request(id, .paused, .pause, isDirect: { $0 == .queued }, to: .paused, EventDraft(.runPaused))
    }

    /// Asks a run to cancel: at once while it waits or is paused, at the end of its step while it computes.
    ///
    /// - Throws: `StoreError.illegalTransition` for a run that has ended.
    public func cancel(_ id: RunID) throws {
        try request(
            id, .cancelled, .cancel, isDirect: { $0 == .queued || $0 == .paused }, to: .cancelled,
            EventDraft(.runCancelled))
    }

    /// Puts a paused or failed run back into the queue.
    ///
    /// - Parameter allowsNumericsChange: Whether it may go on with other kernels than it began with.
    /// - Throws: `StoreError.illegalTransition` for any other run.
    public func resume(_ id: RunID, allowsNumericsChange: Bool = false) throws {
        try condition.withLock {
            let run = try store.run(id)
            guard run.state == .paused || run.state == .failed, running[id] == nil else {
                throw StoreError.illegalTransition(
                    run: id.text, from: run.state.rawValue, to: RunState.queued.rawValue)
            }
            if allowsNumericsChange { allowedNumericsChange.insert(id) }
            try store.requeue(id, time: Timestamp(Date()))
            condition.broadcast()
        }
    }

    /// Deletes a paused or ended run with its rows and files.
    ///
    /// - Throws: `StoreError.illegalTransition` for a live run.
    public func delete(_ id: RunID) throws {
        try condition.withLock {
            let state = try store.run(id).state
            guard running[id] == nil, state.isDeletable else {
                throw StoreError.illegalTransition(run: id.text, from: state.rawValue, to: "deleted")
            }
            // Marked first, so that files that a kill leaves without their rows are known to be meant to go.
            let folder = store.directory.runDirectory(id)
            if FileManager.default.fileExists(atPath: folder) {
                try AtomicFile.write([], to: folder + Self.deletionMark)
            }
            try store.deleteRun(id)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    private static let deletionMark = "/.deleted"

    /// Changes what of a run may still be changed; a computing run takes it up at the end of its step.
    ///
    /// - Parameters:
    ///   - evaluations: Of the last round, until that round begins.
    ///   - workers: Worker threads, capped by the daemon's.
    ///   - priority: Larger is sooner.
    /// - Throws: `SearchSpaceError` for a value out of range, `CoordinatorError.tooLate`, or `StoreError`.
    public func setLimits(_ id: RunID, evaluations: Int? = nil, workers: Int? = nil, priority: Int? = nil) throws {
        try condition.withLock {
            let run = try store.run(id)
            guard !run.state.isEnded || run.state == .failed else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: "changed")
            }
            var changes: [(key: String, value: String)] = []
            if let evaluations { changes.append(("search.evaluations", "\(evaluations)")) }
            if let workers { changes.append(("workers", "\(workers)")) }
            let changed = try RunSpecification.parse(
                yaml: run.draft.runYAML, file: "run \(id)", overrides: changes)
            let plan = RoundPlan(changed)
            if evaluations != nil, try store.loadRound(id, round: plan.last) != nil {
                throw CoordinatorError.tooLate(run: id.text)
            }
            try store.setLimits(
                id, runYAML: changed.resolvedYAML, priority: priority ?? run.priority, time: Timestamp(Date()))
            guard !changes.isEmpty, let live = running[id], live.control.request == .none else { return }
            restarting.insert(id)
            live.control.request = .stop
        }
    }

    /// Removes the files of deleted runs that a kill left.
    ///
    /// Only what was marked for it: the files of runs that the store does not know for another reason, such as a damaged
    /// database that was set aside, may be all there is of them.
    public func removeOrphans() throws {
        let folder = store.directory.path + "/runs"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let id = RunID(name), FileManager.default.fileExists(atPath: "\(folder)/\(name)\(Self.deletionMark)"),
                try !store.hasRun(id)
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private func request(
        _ id: RunID, _ wish: RunIntent, _ request: RunRequest, isDirect: (RunState) -> Bool, to state: RunState,
        _ event: EventDraft
    ) throws {
        try condition.withLock {
            let run = try store.run(id)
            if let live = running[id] {
                try store.setDesired(id, wish, time: Timestamp(Date()))
                // Whatever it was asked before: a cancellation outdoes a pause, and both outdo a restart.
                if live.control.request != .cancel { live.control.request = request }
                restarting.remove(id)
            } else if isDirect(run.state) {
                waiting.removeAll { $0 == id }
                try store.transition(run: id, to: state, event: event, time: Timestamp(Date()))
            } else {
                // Interrupted, and its slot not free yet: it acts when it goes on.
                try store.setDesired(id, wish, time: Timestamp(Date()))
            }
        }
    }
}
