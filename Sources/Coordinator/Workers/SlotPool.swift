internal import CSystemCalls
internal import Foundation
internal import Logging
internal import Runs
internal import Store

/// The slots of a command: asks questions of whichever worker is free, again where one fails, and hands the answers over as they come.
///
/// Works on the calling thread alone, which waits for pipes.
final class SlotPool {
    /// What a question came to: a value of the worker, or why there is none.
    enum Answer {
        case result(WorkerJSON)
        case failed(String)
    }

    /// How often a question is asked that a worker fails over.
    static let mostTries = 3
    /// Answers are handed over so long after the first that waits, or so many at once.
    private static let patience = Duration.milliseconds(20), mostWaiting = 512
    private static let telling = Duration.seconds(10)
    private static let goodbyeSeconds = 2.0, endSeconds = 8.0

    let command: WorkerCommand
    private let slots: [WorkerSlot]
    private let records: SlotRecords
    private let log: Logger
    private let tell: (EventType, Int, String) throws -> Void
    private var notes = 0
    /// When there last was a slot that is not lost.
    private var lastWorked = SuspendingClock.Instant.now

    /// - Parameters:
    ///   - hello: What the worker of a slot is told first; it gets the slot and its folder.
    ///   - check: Holds a worker's hello against what is asked.
    init(
        _ command: WorkerCommand, _ means: WorkerMeans, hello: @escaping (Int, String) -> String,
        check: @escaping (WorkerJSON) throws(WorkerFault) -> WorkerHello
    ) throws {
        self.command = command
        log = means.log
        tell = means.tell
        let folder = means.folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let records = SlotRecords(folder: folder)
        self.records = records
        records.endLeftovers(means.log)
        let trouble = Trouble()
        slots = try (0..<command.slots).map { number in
            let own = "\(folder)/slot-\(number)"
            try FileManager.default.createDirectory(
                atPath: own, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return WorkerSlot(
                number, of: command, folder: folder, hello: { hello(number, own) }, check: check,
                register: { record in
                    do { try records.note(record) } catch { trouble.error = error }
                })
        }
        self.trouble = trouble
    }

    /// What kept a process from being noted.
    private final class Trouble { var error: (any Error)? }
    private let trouble: Trouble

    /// Asks questions in their order, as many at a time as there is room.
    ///
    /// - Parameters:
    ///   - fields: The request of a question, its id apart.
    ///   - keep: Gets answers in the order in which they come, several at once; what it has kept is never asked again.
    ///   - shouldStop: Whether to stop; looked at several times a second.
    /// - Returns: False when it was told to stop.
    /// - Throws: `CoordinatorError.noSlotLeft` once every slot has failed for as long as a request may take.
    func answer(
        _ count: Int, fields: (Int) -> [String: EventData], keep: ([(Int, Answer)]) throws -> Void,
        shouldStop: () -> Bool
    ) throws -> Bool {
        var open = Array((0..<count).reversed())
        var tries = Array(repeating: 0, count: count)
        var missing = count
        var waiting: [(Int, Answer)] = [], first: SuspendingClock.Instant?
        lastWorked = .now
        func settle(_ question: Int, _ answer: Answer) {
            waiting.append((question, answer))
            first = first ?? .now
            missing -= 1
        }
        var told = SuspendingClock.Instant.now
        func handOver() throws {
            guard !waiting.isEmpty else { return }
            try keep(waiting)
            waiting = []
            first = nil
            // Where answers take minutes, the log says how far a generation is.
            guard told + Self.telling <= .now, missing > 0 else { return }
            told = .now
            log.info(
                "answers",
                metadata: ["answered": .stringConvertible(count - missing), "asked": .stringConvertible(count)])
        }
        func take(_ slot: WorkerSlot, _ news: WorkerSlot.News) throws {
            switch news {
            case .note(let text): note(text, slot)
            case .hello(let hello): greet(hello, slot)
            case .reply(let question, .result(_, let value)):
                try noteSuccess(slot)
                settle(question, .result(value))
            case .reply(let question, .error(_, let message, let mayRetry)):
                try noteSuccess(slot)
                tries[question] += 1
                if mayRetry, tries[question] < Self.mostTries {
                    open.insert(question, at: 0)
                } else {
                    settle(question, .failed("worker: \(message)"))
                }
            case .reply(_, .progress): break
            case .failed(let fault, let questions):
                try noteFailure(fault, slot)
                for question in questions {
                    tries[question] += 1
                    // After all others: which of several that were on their way is to blame shows by and by.
                    if tries[question] < Self.mostTries {
                        open.insert(question, at: 0)
                    } else {
                        settle(question, .failed(fault.description))
                    }
                }
            }
        }
        while missing > 0 {
            if shouldStop() {
                for slot in slots { slot.cancel() }
                try handOver()
                return false
            }
            for slot in slots {
                try slot.advance { news in try take(slot, news) }
                while slot.room > 0, let question = open.popLast() { slot.ask(question, fields: fields(question)) }
            }
            if let error = trouble.error { throw error }
            try checkSlots()
            if let begin = first, begin + Self.patience <= .now || waiting.count >= Self.mostWaiting || missing == 0 {
                try handOver()
            }
            if missing > 0 { wait(until: first.map { $0 + Self.patience }) }
        }
        try handOver()
        return true
    }

    private func wait(until moment: SuspendingClock.Instant?) {
        var streams: [pollfd] = []
        for slot in slots {
            guard let process = slot.process else { continue }
            let open = process.open
            for (descriptor, isOpen) in [
                (process.output, open.output), (process.errors, open.errors), (process.status, open.status),
            ] where isOpen {
                streams.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
            if process.hasWaiting { streams.append(pollfd(fd: process.input, events: Int16(POLLOUT), revents: 0)) }
        }
        let latest = SuspendingClock.Instant.now + .milliseconds(100)
        let end = (slots.compactMap(\.due) + [moment, latest].compactMap(\.self)).min() ?? latest
        let milliseconds = (end - .now) / .milliseconds(1)
        poll(&streams, nfds_t(streams.count), Int32(max(0, min(100, milliseconds.rounded(.up)))))
    }

    /// Throws where every slot is lost: for as long as a request may take, or in a way that stays the same.
    private func checkSlots() throws {
        guard slots.allSatisfy(\.isLost) else {
            lastWorked = .now
            return
        }
        let faults = slots.compactMap(\.lastFault)
        guard slots.allSatisfy(\.requests.isEmpty), let last = faults.first else { return }
        if faults.allSatisfy(\.isPermanent) || lastWorked + .seconds(command.deadline) < .now {
            throw CoordinatorError.noSlotLeft(command: command.name, reason: last.description)
        }
    }

    private func greet(_ hello: WorkerHello, _ slot: WorkerSlot) {
        log.info(
            "worker ready",
            metadata: [
                "slot": .stringConvertible(slot.number), "worker": "\(hello.name)", "about": "\(hello.remark)",
                "deterministic": .stringConvertible(hello.isDeterministic),
                "capacity": .stringConvertible(hello.capacity),
            ])
    }

    private func note(_ text: String, _ slot: WorkerSlot) {
        // Whoever says nonsense may say much of it.
        notes += 1
        if notes <= 100 { log.warning("\(text)", metadata: ["slot": .stringConvertible(slot.number)]) }
    }

    private func noteSuccess(_ slot: WorkerSlot) throws {
        let reason = slot.lastFault?.description
        slot.noteSuccess()
        guard slot.isDegraded else { return }
        slot.isDegraded = false
        try tell(.evaluatorRecovered, slot.number, "answers again after: \(reason ?? "failures")")
    }

    private func noteFailure(_ fault: WorkerFault, _ slot: WorkerSlot) throws {
        note("worker failed: \(fault)", slot)
        guard slot.isLost, !slot.isDegraded else { return }
        slot.isDegraded = true
        try tell(.evaluatorDegraded, slot.number, fault.description)
    }

    /// Ends every worker: asks first, and after some seconds does not ask any more.
    func end() {
        for slot in slots { slot.sayGoodbye() }
        Self.wait(seconds: Self.goodbyeSeconds) { slots.allSatisfy(\.hasEnded) }
        Self.wait(seconds: Self.endSeconds) { slots.map { $0.end() }.allSatisfy { $0 } }
        for slot in slots { slot.kill() }
        records.clear()
    }

    private static func wait(seconds: Double, until isDone: () -> Bool) {
        let end = SuspendingClock.Instant.now + .seconds(seconds)
        while !isDone(), SuspendingClock.Instant.now < end { usleep(5000) }
    }
}
