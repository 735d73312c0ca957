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
    /// Questions by their numbers; those that wait for room, the next one last.
    private var open: [Int: Question] = [:]
    private var queue: [Int] = []
    private var count = 0
    /// Answers that nobody has got, and when the first of them came.
    private var waiting: [(Int, Answer)] = []
    private var oldest: SuspendingClock.Instant?
    private var told = SuspendingClock.Instant.now
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
    ///   - requests: What is asked, ids apart.
    ///   - keep: Gets answers in the order in which they come, several at once; what it has kept is never asked again.
    ///   - shouldStop: Whether to stop; looked at several times a second.
    /// - Returns: False when it was told to stop.
    /// - Throws: `CoordinatorError.noSlotLeft` once every slot has failed for as long as a request may take.
    func answer(
        _ requests: [[String: EventData]], keep: ([(Int, Answer)]) throws -> Void, shouldStop: () -> Bool
    ) throws -> Bool {
        let first = begin(requests)
        while !open.isEmpty {
            guard let answers = try next(shouldStop: shouldStop) else { return false }
            try keep(answers.map { ($0.0 - first, $0.1) })
        }
        return true
    }

    /// Takes questions behind those that there are, and returns at once.
    ///
    /// - Returns: The number of the first of them; the others follow.
    func begin(_ requests: [[String: EventData]]) -> Int {
        let first = count
        if open.isEmpty { lastWorked = .now }
        for request in requests {
            open[count] = Question(request: request)
            count += 1
        }
        queue.insert(contentsOf: (first..<count).reversed(), at: 0)
        return first
    }

    /// Answers that have come, at least one, by the numbers of their questions; none where nothing is asked, and nil when told to
    /// stop, which ends all questions.
    ///
    /// - Throws: `CoordinatorError.noSlotLeft` once every slot has failed for as long as a request may take.
    func next(shouldStop: () -> Bool) throws -> [(Int, Answer)]? {
        while !open.isEmpty || !waiting.isEmpty {
            if shouldStop() {
                for slot in slots { slot.cancel() }
                (open, queue) = ([:], [])
                return waiting.isEmpty ? nil : handOver()
            }
            for slot in slots {
                try slot.advance { news in try take(slot, news) }
                while slot.room > 0, let number = queue.popLast() {
                    if let question = open[number] { slot.ask(number, fields: question.request) }
                }
            }
            if let error = trouble.error { throw error }
            try checkSlots()
            if let oldest, oldest + Self.patience <= .now || waiting.count >= Self.mostWaiting || open.isEmpty {
                return handOver()
            }
            wait(until: oldest.map { $0 + Self.patience })
        }
        return shouldStop() ? nil : []
    }

    /// What is asked and not answered.
    private struct Question {
        let request: [String: EventData]
        var tries = 0
    }

    private func handOver() -> [(Int, Answer)] {
        let answers = waiting
        waiting = []
        oldest = nil
        // Where answers take minutes, the log says how far a generation is.
        if told + Self.telling <= .now, !open.isEmpty {
            told = .now
            log.info(
                "answers",
                metadata: [
                    "answered": .stringConvertible(count - open.count), "asked": .stringConvertible(count),
                ])
        }
        return answers
    }

    private func settle(_ question: Int, _ answer: Answer) {
        guard open.removeValue(forKey: question) != nil else { return }
        waiting.append((question, answer))
        oldest = oldest ?? .now
    }

    /// Asks once more, after all others, or settles a question that was asked often enough.
    private func retry(_ question: Int, mayRetry: Bool = true, _ reason: String) {
        open[question]?.tries += 1
        if mayRetry, let tries = open[question]?.tries, tries < Self.mostTries {
            queue.insert(question, at: 0)
        } else {
            settle(question, .failed(reason))
        }
    }

    private func take(_ slot: WorkerSlot, _ news: WorkerSlot.News) throws {
        switch news {
        case .note(let text): note(text, slot)
        case .hello(let hello): greet(hello, slot)
        case .reply(let question, .result(_, let value)):
            try noteSuccess(slot)
            settle(question, .result(value))
        case .reply(let question, .error(_, let message, let mayRetry)):
            try noteSuccess(slot)
            retry(question, mayRetry: mayRetry, "worker: \(message)")
        case .reply(_, .progress): break
        case .failed(let fault, let questions):
            try noteFailure(fault, slot)
            // After all others: which of several that were on their way is to blame shows by and by.
            for question in questions { retry(question, fault.description) }
        }
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
