internal import Foundation
internal import Store

// The memory that runs share: each begins once there is room for it beside the others.

extension RunScheduler {
    /// Runs a body once there is memory for a run beside the others; not at all when it is asked to stop before.
    func withMemory(
        _ id: RunID, _ live: LiveRun, _ body: (StoredRun) throws -> RunOutcome
    ) throws -> RunOutcome {
        let run = try store.run(id)
        switch run.desired {
        case .running: break
        case .paused: live.control.ask(.pause)
        case .cancelled: live.control.ask(.cancel)
        }
        guard settings.memoryLimit < .max else { return try body(run) }
        let bytes = try permittedBytes(of: run)
        let ticket: Int? = condition.withLock {
            while !live.control.isAsked {
                if let ticket = memory.take(bytes) { return ticket }
                // It goes on when others have ended, which may be in days: the daemon is ready without it.
                recovering.remove(id)
                pause(until: nil, slot: live.slot)
            }
            return nil
        }
        guard let ticket else { return .stopped(live.control.decide()) }
        defer { giveBack(ticket) }
        return try body(run)
    }

    /// The memory that a stored run takes by its estimate.
    ///
    /// - Throws: `CoordinatorError.aboveLimit` where that is more than all of them together may.
    func permittedBytes(of run: StoredRun) throws -> Int {
        let specification = try run.specification()
        let bytes = try MemoryEstimate.bytes(
            specification, try run.space(), folder: try roots.folder(of: specification, isTrusted: true),
            workers: workers(for: specification))
        guard bytes <= settings.memoryLimit else {
            throw CoordinatorError.aboveLimit(neededBytes: bytes, limitBytes: settings.memoryLimit)
        }
        return bytes
    }

    /// Gives back memory that was taken, to whoever waits for it.
    func giveBack(_ ticket: Int) {
        condition.withLock {
            memory.release(ticket)
            condition.broadcast()
        }
    }
}
