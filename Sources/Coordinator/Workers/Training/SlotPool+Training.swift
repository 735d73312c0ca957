internal import Foundation
internal import Runs
internal import Store

/// What a worker's process has of a training.
struct HeldState: Hashable {
    /// Steps done.
    let step: Int
    /// What it was kept as; nil for how training begins.
    let name: String?
}

/// What is known of the weights that a slot's process has.
enum HeldWeights: Hashable {
    /// Those that were kept.
    case kept(HeldState)
    /// Those of a step, trained on since.
    case trained(step: Int)
}

/// Requests of a training, which go to one slot and depend on what its process has; and the weights that others measure with.
extension SlotPool {
    /// Seconds that a request may still take after a run is told to stop.
    private static let stopSeconds = 5.0

    /// Whether a slot has the weights that are measured; if not, it is asked to load them.
    func hasWeights(_ slot: WorkerSlot) -> Bool {
        guard let weights, held[slot.number] != .kept(weights) else { return true }
        if loading[slot.number] == nil, slot.isIdle, slot.room > 0 {
            held[slot.number] = nil
            loading[slot.number] = (slot.ask(WorkerMessage.load(weights, seed: seed)), weights)
        }
        return false
    }

    /// Takes the answer of a slot that was asked to load; false where it was asked for something else.
    ///
    /// - Throws: `WorkerFault.noLoad`, which ends the process: no candidate is to blame.
    func takesLoaded(_ slot: WorkerSlot, _ id: Int, _ reply: WorkerReply) throws -> Bool {
        guard let (asked, state) = loading[slot.number], asked == id else { return false }
        loading[slot.number] = nil
        if case .error(_, let message, _) = reply { throw WorkerFault.noLoad(message) }
        held[slot.number] = .kept(state)
        return true
    }

    /// Nothing is known any more of what a slot's process has.
    func forgetWeights(_ slot: WorkerSlot) {
        held[slot.number] = nil
        loading[slot.number] = nil
    }

    /// The slot that trains: the first that works.
    private var trainingSlot: WorkerSlot { slots.first { !$0.isLost } ?? slots.first { $0.room > 0 } ?? slots[0] }

    /// Whether the slot that trains has the weights of a step, so that the next may be trained.
    func hasTrained(_ step: Int) -> Bool {
        switch held[trainingSlot.number] {
        case .kept(let state): state.step == step
        case .trained(let own): own == step
        case nil: false
        }
    }

    /// Has the slot that trains go on from what was kept.
    ///
    /// - Returns: False when told to stop.
    /// - Throws: `TrainingSetback` where it cannot, `CoordinatorError.noSlotLeft` once no slot works.
    func load(_ state: HeldState, shouldStop: () -> Bool) throws -> Bool {
        guard try answer(to: WorkerMessage.load(state, seed: seed), from: nil, shouldStop: shouldStop) != nil else {
            return false
        }
        held[trainingSlot.number] = .kept(state)
        return true
    }

    /// Asks the slot that trains, which must have the weights of a step.
    ///
    /// - Parameters:
    ///   - leaving: What its process has afterwards.
    ///   - isLostByErrors: Whether what it has is not known where it answers that the request came to nothing.
    /// - Returns: The answer; nil when told to stop.
    /// - Throws: `TrainingSetback` where it comes to nothing.
    func answer(
        to fields: [String: EventData], at step: Int, leaving: HeldWeights, isLostByErrors: Bool = true,
        shouldStop: () -> Bool
    ) throws -> WorkerJSON? {
        let answer = try answer(to: fields, from: step, isLostByErrors: isLostByErrors, shouldStop: shouldStop)
        guard let answer else { return nil }
        held[trainingSlot.number] = leaving
        return answer
    }

    /// - Parameter step: That of the weights which the process must have; nil where it need have none.
    private func answer(
        to fields: [String: EventData], from step: Int?, isLostByErrors: Bool = true, shouldStop: () -> Bool
    ) throws -> WorkerJSON? {
        lastWorked = .now
        var asked: (slot: WorkerSlot, id: Int)?
        var reply: WorkerReply?, fault: String?
        var latest: SuspendingClock.Instant?
        while true {
            if shouldStop() {
                latest = latest ?? .now + .seconds(Self.stopSeconds)
                // What a worker has trained is worth a short request more, after which it is kept.
                let isLost = asked == nil && !(step.map(hasTrained) ?? false)
                if isLost || latest.map({ $0 < .now }) == true {
                    if let asked {
                        asked.slot.cancel()
                        forgetWeights(asked.slot)
                    }
                    return nil
                }
            }
            // The others are started once there is something to measure.
            let chosen = asked?.slot ?? trainingSlot
            let looked = slots.filter { $0 === chosen || $0.worker != nil || slots.allSatisfy(\.isLost) }
            for slot in looked {
                try slot.advance { news in
                    switch news {
                    case .reply(let id, let own) where slot === asked?.slot && id == asked?.id: reply = own
                    case .failed(let own, _) where slot === asked?.slot: fault = slot.lastReason ?? "\(own)"
                    default: break
                    }
                    try take(slot, news)
                }
            }
            if let error = trouble.error { throw error }
            if let fault { throw TrainingSetback("the worker that trains failed: \(fault)") }
            if let reply, let slot = asked?.slot {
                if case .result(_, let value) = reply { return value }
                if isLostByErrors { forgetWeights(slot) }
                guard case .error(_, let message, _) = reply else { continue }
                throw TrainingSetback("worker: \(message)")
            }
            try checkSlots()
            if asked == nil {
                if let step, !hasTrained(step) {
                    throw TrainingSetback("the worker that trained has lost its weights")
                }
                let slot = trainingSlot
                if slot.room > 0, slot.isIdle {
                    if step == nil { forgetWeights(slot) }
                    asked = (slot, slot.ask(fields))
                }
            }
            wait(until: nil, for: looked)
        }
    }
}
