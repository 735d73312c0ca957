internal import Dispatch
internal import Foundation
internal import HTTPClient
public import Logging
public import Store
internal import Synchronization
internal import Training

/// Delivers the outbox: in order per endpoint and run, one message at a time per endpoint, on threads of its own.
///
/// What is due is decided by the rows of the store alone, so that a restart goes on where the process ended. A message is
/// noted as attempted before it is sent and removed once the receiver has taken it: it arrives at least once, with the
/// same id.
public final class WebhookDispatcher: Sendable {
    /// Endpoints that are served at once.
    public static let threadCount = 4
    /// The longest sleep, so that a clock that was set does not hold messages back for long.
    private static let longestSleepMilliseconds: Int64 = 60_000
    /// How long nothing is sent after the store has failed: what cannot be noted would be sent over and over.
    private static let storePauseMilliseconds: Int64 = 30_000

    private struct State {
        var inFlight: [String: HTTPCancellation] = [:]
        var pausedUntil = Timestamp(milliseconds: .min)
        var isStopped = false
    }

    private struct Claim {
        let message: WebhookMessage
        let cancellation: HTTPCancellation
    }

    private let store: RunStore
    private let settings: DeliverySettings
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let state = Mutex(State())
    /// Held by the one thread that looks for work or sleeps until there is some.
    private let lookout = Mutex(())
    private let bell = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()

    /// Takes the store that holds the outbox, and a clock.
    public init(
        store: RunStore, settings: DeliverySettings, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.settings = settings
        self.logger = logger
        self.now = now
    }

    /// Starts its threads, which run until ``stop()``.
    ///
    /// - Throws: `ThreadError` when the system starts none.
    public func start() throws {
        for number in 1...Self.threadCount {
            threads.enter()
            do throws(ThreadError) {
                try SystemThread.start("nasd webhook \(number)") { [self] in
                    let sender = WebhookSender(settings)
                    while let claim = lookout.withLock({ _ in awaitClaim() }) { attempt(claim, sender) }
                    threads.leave()
                }
            } catch {
                threads.leave()
                // One thread delivers too.
                if number == 1 { throw error }
            }
        }
    }

    /// Says that there may be something new to deliver; called after an event was committed.
    public func wake() { bell.signal() }

    /// Ends what is in flight, which is tried again after the next start, and returns when the threads have ended.
    public func stop() {
        let inFlight = state.withLock { state in
            state.isStopped = true
            return Array(state.inFlight.values)
        }
        for cancellation in inFlight { cancellation.cancel() }
        bell.signal()
        threads.wait()
    }

    /// Stops once nothing is due or in flight any more, or after a while.
    public func finish(withinMilliseconds limit: Int) {
        let deadline = ContinuousClock.now + .milliseconds(limit)
        while ContinuousClock.now < deadline {
            let isBusy = state.withLock { !$0.inFlight.isEmpty }
            let moment = now()
            guard let heads = try? store.nextMessages(), isBusy || heads.contains(where: { $0.due <= moment }) else {
                break
            }
            usleep(10_000)
        }
        stop()
    }

    /// Delivers on the calling thread until nothing is due; not while its own threads run.
    ///
    /// - Returns: When the next attempt is due; nil when nothing waits.
    @discardableResult func deliverDue() -> Timestamp? {
        let sender = WebhookSender(settings)
        while true {
            switch lookout.withLock({ _ in look() }) {
            case .claim(let claim): attempt(claim, sender)
            case .later(let due): return due
            case .stopped: return nil
            }
        }
    }

    private enum Finding {
        case claim(Claim)
        case later(Timestamp?)
        case stopped
    }

    /// Sleeps until a message is due; nil once stopped.
    private func awaitClaim() -> Claim? {
        while true {
            // Rings from before the look are answered by it.
            while bell.wait(timeout: .now()) == .success {}
            switch look() {
            case .claim(let claim): return claim
            case .stopped: return nil
            case .later(let due):
                let milliseconds = due.map { $0.milliseconds - now().milliseconds } ?? Self.longestSleepMilliseconds
                let sleep = min(max(0, milliseconds), Self.longestSleepMilliseconds)
                _ = bell.wait(timeout: .now() + .milliseconds(Int(sleep)))
            }
        }
    }

    /// Finds the oldest message that is due at an endpoint where nothing is in flight.
    private func look() -> Finding {
        // Before the rows are read: an attempt that ends meanwhile may have left them as they were before it.
        let (busy, pausedUntil, isStopped) = state.withLock { state in
            (Set(state.inFlight.keys), state.pausedUntil, state.isStopped)
        }
        if isStopped { return .stopped }
        let moment = now()
        // A pause that lasts longer than it can was noted by a clock that ran ahead.
        if moment < pausedUntil, pausedUntil <= moment.adding(milliseconds: Self.storePauseMilliseconds) {
            return .later(pausedUntil)
        }
        var heads: [WebhookMessage]
        do {
            heads = try store.nextMessages()
            if heads.contains(where: { $0.isTooFar(from: moment) }),
                try store.recallWaits(time: moment, longest: RetrySchedule.longestWaitMilliseconds) > 0
            {
                heads = try store.nextMessages()
            }
            heads.removeAll { busy.contains($0.endpoint.id) }
        } catch {
            return .later(pause(after: error))
        }
        guard let message = heads.first(where: { $0.due <= moment }) else { return .later(heads.map(\.due).min()) }
        let claim = Claim(message: message, cancellation: HTTPCancellation())
        return state.withLock { state in
            if state.isStopped { return .stopped }
            state.inFlight[message.endpoint.id] = claim.cancellation
            return .claim(claim)
        }
    }

    private func attempt(_ claim: Claim, _ sender: WebhookSender) {
        do {
            // Between the look and this the run may have been deleted.
            if let message = try store.beginAttempt(claim.message.id) {
                let outcome = sender.send(message, at: now(), cancellation: claim.cancellation)
                try record(outcome, of: message)
            }
        } catch {
            pause(after: error)
        }
        state.withLock { _ = $0.inFlight.removeValue(forKey: claim.message.endpoint.id) }
        bell.signal()
    }

    private func record(_ outcome: DeliveryOutcome, of message: WebhookMessage) throws(StoreError) {
        let moment = now()
        var logger = logger
        logger[metadataKey: "webhook.message"] = "\(message.id)"
        logger[metadataKey: "webhook.endpoint"] = "\(message.endpoint.id)"
        logger[metadataKey: "webhook.type"] = "\(message.type.rawValue)"
        if let run = message.run { logger[metadataKey: "run.id"] = "\(run.text)" }
        if outcome == .interrupted { return }  // the row stays as it is: due
        if outcome.isDelivered {
            try store.recordDelivery(message.id, outcome: outcome.text, time: moment)
            logger.debug("webhook delivered", metadata: ["webhook.attempts": .stringConvertible(message.attempts)])
            return
        }
        let asked = outcome.retryAfterSeconds
        let next = RetrySchedule.next(
            message: message.id, attempts: message.attempts, now: moment, retryAfterSeconds: asked)
        let hold =
            outcome.holds
            ? RetrySchedule.hold(
                message: message.id, attempts: message.attempts, now: moment, retryAfterSeconds: asked) : nil
        try store.recordFailure(
            message.id, outcome: outcome.text, time: moment, next: next, holdUntil: hold, disables: outcome.disables)
        logger[metadataKey: "webhook.outcome"] = "\(outcome.text)"
        if outcome.disables {
            logger.warning("webhook endpoint disabled: its receiver answered 410; replay enables it again")
        } else if let next {
            logger.notice("webhook attempt failed", metadata: ["webhook.next": "\(next.text)"])
        } else {
            logger.warning("webhook given up after its last attempt; replay sends it again")
        }
    }

    /// Rests after the store has failed.
    @discardableResult private func pause(after error: any Error) -> Timestamp {
        let until = now().adding(milliseconds: Self.storePauseMilliseconds)
        logger.error("webhooks wait: the store failed", metadata: ["error": "\(error)"])
        state.withLock { $0.pausedUntil = until }
        return until
    }
}

extension WebhookMessage {
    /// When the next attempt is due, its endpoint's hold included.
    fileprivate var due: Timestamp { max(nextAttempt, endpoint.holdUntil) }

    /// Whether it is due further off than it was ever to wait: the clock ran ahead when that was noted.
    fileprivate func isTooFar(from moment: Timestamp) -> Bool {
        let longest = RetrySchedule.longestWaitMilliseconds
        return nextAttempt > moment.adding(milliseconds: attempts == 0 ? 0 : waitMilliseconds ?? longest)
            || endpoint.holdUntil > moment.adding(milliseconds: endpoint.holdMilliseconds ?? longest)
    }
}
