internal import Foundation
internal import Runs
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
            let run = try store.row(id)
            guard run.state == .paused || run.state == .failed, running[id] == nil else {
                let isStopping = !run.state.isLive && running[id] != nil
                throw StoreError.illegalTransition(
                    run: id.text, from: isStopping ? StoreError.comingToRest : run.state.rawValue,
                    to: RunState.queued.rawValue)
            }
            // The files of a deletion that did not come to its end may be gone, in part or altogether.
            guard !FileManager.default.fileExists(atPath: doomedFolder(id)) else {
                throw StoreError.illegalTransition(
                    run: id.text, from: "half deleted", to: RunState.queued.rawValue)
            }
            if allowsNumericsChange { allowedNumericsChange.insert(id) }
            try store.forgetInterruptions(id)
            try store.requeue(id, time: Timestamp(Date()))
            condition.broadcast()
        }
    }

    /// Deletes a paused or ended run with its rows and files.
    ///
    /// Its folder gets another name first, which takes no room: so files that a kill leaves are known to be meant to go, and
    /// on a full disk the files make the room that the database needs.
    /// - Throws: `StoreError.illegalTransition` for a live run, and `StoreError.full` where the rows have to wait for room.
    public func delete(_ id: RunID) throws {
        try condition.withLock {
            let state = try store.row(id).state
            guard running[id] == nil, state.isDeletable else {
                throw StoreError.illegalTransition(
                    run: id.text, from: state.isDeletable ? StoreError.comingToRest : state.rawValue, to: "deleted")
            }
            let folder = store.directory.runDirectory(id), doomed = doomedFolder(id)
            if rename(folder, doomed) != 0, errno != ENOENT, errno != ENOTEMPTY, errno != EEXIST {
                throw StoreError(errno: errno, path: folder, doing: "rename")
            }
            do {
                // Before the rows go for good: files without either would belong to nobody after a loss of power.
                try AtomicFile.syncFolder(of: doomed)
                try store.deleteRun(id)
            } catch StoreError.full {
                // What it held makes the room; the folder itself stays as the mark of what is to go.
                for name in (try? FileManager.default.contentsOfDirectory(atPath: doomed)) ?? [] {
                    remove("\(doomed)/\(name)")
                }
                try store.deleteRun(id)
            } catch {
                // Nothing is lost yet, so nothing is marked either.
                rename(doomed, folder)
                throw error
            }
            remove(doomed)
            remove(folder)
        }
    }

    private static let doomedPrefix = ".deleted-"

    /// What the folder of a run that is to go is called.
    private func doomedFolder(_ id: RunID) -> String {
        store.directory.runsDirectory + "/" + Self.doomedPrefix + id.text
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// Changes what of a run may still be changed; a computing run takes it up at the end of its step.
    ///
    /// - Parameters:
    ///   - evaluations: Of the last round, until that round begins; more of them once it has failed.
    ///   - workers: Worker threads, capped by the daemon's.
    ///   - priority: Larger is sooner.
    /// - Throws: `DocumentError` for a value out of range, `CoordinatorError.tooLate`, or `StoreError`.
    public func setLimits(_ id: RunID, evaluations: Int? = nil, workers: Int? = nil, priority: Int? = nil) throws {
        try condition.withLock {
            let run = try store.run(id)
            guard !run.state.isEnded || run.state == .failed else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: "changed")
            }
            var changes: [(key: String, value: String)] = []
            if let evaluations { changes.append(("search.evaluations", "\(evaluations)")) }
            if let workers { changes.append(("workers", "\(workers)")) }
            let changed = try run.specification(overrides: changes)
            let plan = RoundPlan(changed)
            if let evaluations, let round = try store.loadRound(id, round: plan.last) {
                // One that found nothing feasible goes on with more of them.
                guard run.state == .failed, round.state == .running, evaluations > round.evaluations else {
                    throw CoordinatorError.tooLate(run: id.text)
                }
            }
            try store.setLimits(
                id, runYAML: changed.resolvedYAML, priority: priority ?? run.priority, time: Timestamp(Date()))
            if !changes.isEmpty { running[id]?.control.ask(.stop) }
            condition.broadcast()
        }
    }

    /// Removes the files of deleted runs that a kill left, and the rows where only the files are marked yet.
    ///
    /// Only what was marked for it: the files of runs that the store does not know for another reason, such as a damaged
    /// database that was set aside, may be all there is of them.
    public func removeOrphans() throws {
        let folder = store.directory.runsDirectory
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            if name.hasPrefix(Self.doomedPrefix), let id = RunID(String(name.dropFirst(Self.doomedPrefix.count))) {
                // A run that has a folder again was not to go.
                let isMeant = !FileManager.default.fileExists(atPath: store.directory.runDirectory(id))
                if isMeant, try store.hasRun(id), try store.row(id).state.isDeletable { try store.deleteRun(id) }
                remove("\(folder)/\(name)")
            } else if let id = RunID(name),
                FileManager.default.fileExists(atPath: store.directory.deletionMark(id)), try !store.hasRun(id)
            {
                remove("\(folder)/\(name)")
            }
        }
    }

    private func request(
        _ id: RunID, _ wish: RunIntent, _ request: RunRequest, isDirect: (RunState) -> Bool, to state: RunState,
        _ event: EventDraft
    ) throws {
        try condition.withLock {
            let run = try store.row(id)
            if let live = running[id] {
                // Noted first: where the run has read its request already, it is settled by what the store says.
                try store.setDesired(id, wish, time: Timestamp(Date()))
                live.control.ask(request)
                condition.broadcast()
            } else if isDirect(run.state) || waiting.contains(where: { $0.run == id }) {
                try store.transition(run: id, to: state, event: event, time: Timestamp(Date()))
                waiting.removeAll { $0.run == id }
                troubles[id] = nil
            } else {
                // Interrupted, and its slot not free yet: it acts when it goes on.
                try store.setDesired(id, wish, time: Timestamp(Date()))
            }
        }
    }
}
