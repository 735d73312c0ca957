internal import Foundation
internal import Logging
internal import Store

// How a run comes to rest: settled in one place, by what the store says of it then.

extension RunScheduler {
    /// Sees to it that a run whose slot has come to rest has ended, or rests as a user wants, or waits for its next turn.
    ///
    /// While the store does not take what there is to note, the slot keeps trying; a daemon that ends leaves the run as it
    /// is, to be taken up by the next one.
    func settle(_ id: RunID, _ live: LiveRun, _ outcome: Result<RunOutcome, any Error>, _ log: Logger) {
        switch outcome {
        case .success(let outcome): log.info("run is at rest", metadata: ["outcome": "\(outcome)"])
        case .failure(let error): log.error("run does not go on", metadata: ["reason": "\(error)"])
        }
        condition.lock()
        defer { condition.unlock() }
        var delay = Self.firstDelaySeconds
        while true {
            do {
                let turn = try settled(id, live, outcome)
                if let turn, !isDraining { waiting.insert(turn, at: 0) }
                break
            } catch StoreError.noSuchRun {
                break
            } catch {
                troubles[id] = Trouble(
                    count: troubles[id]?.count ?? 0, reason: "its rest could not be noted: \(error)")
                log.error("what became of the run could not be noted", metadata: ["reason": "\(error)"])
                // Damage does not go away by trying, and others want the slot.
                guard TransientFault.isOutage(error) else {
                    stuck.insert(id)
                    break
                }
                let end = ContinuousClock.now + .seconds(delay)
                while !isDraining, ContinuousClock.now < end { pause(until: end, slot: live.slot) }
                if isDraining { break }
                delay = min(2 * delay, Self.longestDelaySeconds)
            }
        }
        running[id] = nil
        let turn = waiting.first { $0.run == id }
        if turn?.earliest == nil {
            recovering.remove(id)
            if !stuck.contains(id) { troubles[id] = nil }
        }
        condition.broadcast()
    }

    static let firstDelaySeconds = 0.25
    private static let longestDelaySeconds = 30.0
    /// Faults in a row, of anything but the store, after which a run fails.
    private static let mostTroubles = 8

    /// Notes what became of a run; its next turn, where it has one.
    private func settled(_ id: RunID, _ live: LiveRun, _ outcome: Result<RunOutcome, any Error>) throws -> Turn? {
        var earliest: ContinuousClock.Instant?
        if case .failure(let error) = outcome {
            if TransientFault.isOne(error), let wait = delay(id, live, error) {
                earliest = .now + .seconds(wait)
            } else if try store.row(id).state.isLive {
                try fail(id, reason: "\(error)")
            }
        }
        let run = try store.row(id)
        // What a user wanted while the run came to rest: the store has it, whatever the coordinator had read by then.
        switch run.desired {
        case .cancelled where run.state.isLive || run.state == .paused:
            try store.transition(
                run: id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
            return nil
        case .paused where run.state.isLive:
            try store.transition(run: id, to: .paused, event: EventDraft(.runPaused), time: Timestamp(Date()))
            return nil
        // What is queued and meets with no fault is found in the queue.
        default:
            return run.state.isLive && (run.state != .queued || earliest != nil)
                ? Turn(run: id, earliest: earliest) : nil
        }
    }

    /// How many seconds a run waits after a fault of the system; nil when it has had enough of them.
    private func delay(_ id: RunID, _ live: LiveRun, _ error: any Error) -> Double? {
        let before = live.hasWorked ? 0 : troubles[id]?.count ?? 0
        // As long as the database takes nothing there is no failing either.
        let isOutage = TransientFault.isOutage(error) && store.outage != nil
        guard isOutage || before < Self.mostTroubles else { return nil }
        troubles[id] = Trouble(count: before + 1, reason: "\(error)")
        return min(Self.firstDelaySeconds * Double(1 << min(before, 10)), Self.longestDelaySeconds)
    }

    /// Ends a run that cannot start or go on, with the reason; it can be resumed once that is mended.
    func fail(_ id: RunID, reason: String) throws {
        // Receivers of webhooks get messages of a bounded size.
        let reason = reason.utf8.count > 4000 ? reason.prefix(1000) + " …" : reason
        try store.transition(
            run: id, to: .failed,
            event: EventDraft(.runFailed, data: EventData.object(["reason": .text(reason)])),
            time: Timestamp(Date()), failure: reason)
    }
}
