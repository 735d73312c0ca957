internal import Foundation
internal import Logging
internal import Store

// How runs are taken up that a process before left computing.

extension RunScheduler {
    /// The runs that go on at once after a start: those that were computing, but for those that end the process whenever they
    /// do.
    ///
    /// What a fault of the system keeps from being done is repeated until it is done or the daemon ends.
    func takeUp(after end: PreviousEnd) throws -> [RunID] {
        var delay = Self.firstDelaySeconds
        while true {
            do {
                return try interrupted(end)
            } catch  where TransientFault.isOutage(error) && !condition.withLock({ isDraining }) {
                log.error("interrupted runs cannot be taken up yet", metadata: ["reason": "\(error)"])
                Thread.sleep(forTimeInterval: delay)
                delay = min(2 * delay, 2)
            }
        }
    }

    /// Ends in a row by a fault of the process's own after which a run counts as their cause.
    static let mostFaults = 3
    /// Ends in a row of any kind but a clean stop after which it does.
    static let mostEnds = 10

    /// The runs that were computing when the last process ended, without those that keep ending it.
    private func interrupted(_ end: PreviousEnd) throws -> [RunID] {
        // Asked for while they came to rest, and not done before the process ended.
        for run in try store.runs(in: .paused, limit: .max) where run.desired == .cancelled {
            try store.transition(
                run: run.id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
        }
        let found = try store.interrupted().map(\.id)
        guard case .unclean(let faults) = end else {
            try store.forgetInterruptions()
            return found
        }
        return try found.enumerated().filter { place, run in
            let fault = faults[run.text]
            // Only what had a slot may have ended the process; the others waited for one.
            guard place < settings.concurrentRuns || fault != nil else { return true }
            let interruption = try store.noteInterruption(run, fault: fault)
            let reason: String
            if interruption.faults >= Self.mostFaults {
                reason =
                    "the process ended \(interruption.faults) times in a row by its own fault (\(fault ?? "unknown"))"
            } else if interruption.ends >= Self.mostEnds {
                reason = "the process ended \(interruption.ends) times in a row"
            } else {
                return true
            }
            let text = reason + ", and the run got no further in between; look at the log, then resume it to try again"
            log.error("run failed", metadata: ["run": "\(run)", "reason": "\(text)"])
            try fail(run, reason: text)
            return false
        }.map(\.element)
    }
}
