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

    /// What a question came to.
    struct Finished {
        let number: Int
        let answer: Answer
        /// From the last asking to the answer.
        let seconds: Double
    }

    private struct Question {
        let number: Int
        let fields: [String: EventData]
        var tries = 0
    }

    /// A request on its way: ids are those of a slot's process.
    private struct Place: Hashable {
        let slot: Int
        let id: Int
    }

    /// How often a question is asked that a worker fails over.
    static let mostTries = 3
    /// Answers are handed over so long after the first that waits, or so many at once.
    private static let patience = Duration.milliseconds(20), mostWaiting = 512
    private static let telling = Duration.seconds(10)
    private static let goodbyeSeconds = 2.0, endSeconds = 8.0

    let command: WorkerCommand
    let slots: [WorkerSlot]
    /// The seed of the run.
    let seed: Int
    /// The weights that candidates are measured on; nil where nobody trains any.
    var weights: HeldState?
    /// What is known of the weights that a slot's process has, and which slots are loading some.
    var held: [Int: HeldWeights] = [:], loading: [Int: (id: Int, state: HeldState)] = [:]
    private let records: SlotRecords
    private let log: Logger
    private let tell: (EventType, Int, String) throws -> Void
    private var notes = 0
    /// Whether a worker of the run has ever said hello.
    private var hasHeard: Bool
    /// Questions that no slot has, the next one last.
    private var open: [Question] = []
    private var onTheirWay: [Place: (Question, SuspendingClock.Instant)] = [:]
    /// Questions without an answer.
    private var missing = 0
    /// Answers that are handed over in a moment, and when the first of them came.
    private var waiting: [Finished] = []
    private var first: SuspendingClock.Instant?
    private var answered = 0
    private var told = SuspendingClock.Instant.now
    /// For how long programs that end before any hello are started again: what they miss may come with the machine's start, or from
    /// another program that ends.
    private static let startSeconds = Duration.seconds(20)
    /// When there last was a slot that is not lost.
    var lastWorked = SuspendingClock.Instant.now

    /// - Parameters:
    ///   - hello: What the worker of a slot is told first; it gets the slot and its folder.
    ///   - check: Holds a worker's hello against what is asked.
    init(
        _ command: WorkerCommand, _ means: WorkerMeans, seed: Int = 0, hello: @escaping (Int, String) -> String,
        check: @escaping (WorkerJSON) throws(WorkerFault) -> WorkerHello
    ) throws {
        self.command = command
        self.seed = seed
        log = means.log
        tell = means.tell
        hasHeard = try means.hasHeard()
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
                number, deadline: command.deadline, folder: folder, folderName: means.folderName,
                hello: { hello(number, command.connects ? "." : own) },
                check: check,
                open: { () throws(WorkerFault) in
                    if command.connects {
                        return means.connections?.open(command.name, slot: number) ?? .absent
                    }
                    return .link(
                        try WorkerProcess(
                            command, slot: number,
                            variables: WorkerEnvironment.variables(of: command, slot: number),
                            note: { record in
                                do { try records.note(record) } catch { trouble.error = error }
                            }))
                })
        }
        self.trouble = trouble
    }

    /// What kept a process from being noted.
    final class Trouble { var error: (any Error)? }
    let trouble: Trouble

    /// Takes a question beside those that are open, and returns at once.
    ///
    /// - Parameters:
    ///   - number: What its answer comes with.
    ///   - fields: The request, its id apart.
    func ask(_ number: Int, _ fields: [String: EventData]) {
        if missing == 0 { lastWorked = .now }
        open.insert(Question(number: number, fields: fields), at: 0)
        missing += 1
    }

    /// Waits for answers, in the order in which they come, several at once; whoever gets them keeps them, for they are not asked again.
    ///
    /// - Parameter shouldStop: Whether to stop; looked at several times a second.
    /// - Returns: At least one; nil when it was told to stop, after which nothing is open any more.
    /// - Throws: `CoordinatorError.noSlotLeft` once every slot has failed for as long as a request may take.
    func finished(shouldStop: () -> Bool) throws -> [Finished]? {
        while missing > 0 {
            if shouldStop() { break }
            for slot in slots {
                try slot.advance { news in try take(slot, news) }
                while slot.room > 0, slot.load < share, !open.isEmpty, hasWeights(slot), let question = open.popLast() {
                    let id = slot.ask(question.fields)
                    onTheirWay[Place(slot: slot.number, id: id)] = (question, .now)
                }
            }
            if let error = trouble.error { throw error }
            try checkSlots()
            if let first, first + Self.patience <= .now || waiting.count >= Self.mostWaiting || missing == 0 { break }
            if missing > 0 { wait(until: first.map { $0 + Self.patience }, for: slots) }
        }
        if shouldStop(), waiting.isEmpty {
            for slot in slots { slot.cancel() }
            loading = [:]
            (open, onTheirWay, missing) = ([], [:], 0)
            return nil
        }
        defer { (waiting, first) = ([], nil) }
        tellProgress(waiting.count)
        return waiting
    }

    /// What one slot has at most of what is open and on its way, so that none waits at the end while another has several.
    private var share: Int {
        let count = max(1, slots.count { !$0.isLost })
        return (missing + count - 1) / count
    }

    func take(_ slot: WorkerSlot, _ news: WorkerSlot.News) throws {
        func question(_ id: Int) -> (Question, SuspendingClock.Instant)? {
            onTheirWay.removeValue(forKey: Place(slot: slot.number, id: id))
        }
        func again(_ question: Question, _ begin: SuspendingClock.Instant, else reason: String) {
            var question = question
            question.tries += 1
            // After all others: which of several that were on their way is to blame shows by and by.
            if question.tries < Self.mostTries {
                open.insert(question, at: 0)
            } else {
                settle(question, .failed(reason), since: begin)
            }
        }
        switch news {
        case .note(let text): note(text, slot)
        case .hello(let hello):
            forgetWeights(slot)
            hasHeard = true
            greet(hello, slot)
        case .reply(let id, let reply) where try takesLoaded(slot, id, reply): break
        case .reply(let id, .result(_, let value)):
            try noteSuccess(slot)
            if let (question, begin) = question(id) { settle(question, .result(value), since: begin) }
        case .reply(let id, .error(_, let message, let mayRetry)):
            try noteSuccess(slot)
            guard let (question, begin) = question(id) else { return }
            if mayRetry {
                again(question, begin, else: "worker: \(message)")
            } else {
                settle(question, .failed("worker: \(message)"), since: begin)
            }
        case .reply(_, .progress): break
        case .failed(let fault, let ids):
            forgetWeights(slot)
            try noteFailure(fault, slot)
            for id in ids {
                if let (question, begin) = question(id) { again(question, begin, else: fault.description) }
            }
        }
    }

    private func settle(_ question: Question, _ answer: Answer, since begin: SuspendingClock.Instant) {
        waiting.append(
            Finished(number: question.number, answer: answer, seconds: begin.duration(to: .now) / .seconds(1)))
        first = first ?? .now
        missing -= 1
    }

    /// Where answers take minutes, the log says how far it is.
    private func tellProgress(_ count: Int) {
        answered += count
        guard told + Self.telling <= .now, missing > 0 else { return }
        told = .now
        log.info(
            "answers",
            metadata: ["answered": .stringConvertible(answered), "open": .stringConvertible(missing)])
    }

    /// Waits until something may have come, or something is due.
    ///
    /// - Parameter slots: Those that are looked at; what is due to others would not let it wait.
    func wait(until moment: SuspendingClock.Instant?, for slots: [WorkerSlot]) {
        var streams = slots.flatMap { $0.worker?.polled ?? [] }
        let latest = SuspendingClock.Instant.now + .milliseconds(100)
        let end = (slots.compactMap(\.due) + [moment, latest].compactMap(\.self)).min() ?? latest
        let milliseconds = (end - .now) / .milliseconds(1)
        poll(&streams, nfds_t(streams.count), Int32(max(0, min(100, milliseconds.rounded(.up)))))
    }

    /// Throws where every slot is lost: for as long as a request may take, or in a way that stays the same.
    func checkSlots() throws {
        guard slots.allSatisfy(\.isLost) else {
            lastWorked = .now
            return
        }
        let faults = slots.compactMap(\.lastFault)
        guard slots.allSatisfy(\.isIdle), let reason = slots.compactMap(\.lastReason).first else { return }
        // A program of this machine that ends before anybody heard of it does so whenever it is started; another machine may be
        // away for a while.
        let mayNeverStart = !hasHeard && !command.isPlacedElsewhere && lastWorked + Self.startSeconds < .now
        let isHopeless = faults.allSatisfy { $0.isPermanent || (mayNeverStart && $0.isEndOfStart) }
        if isHopeless || lastWorked + .seconds(command.deadline) < .now {
            throw CoordinatorError.noSlotLeft(command: command.name, reason: reason)
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
        let reason = slot.lastReason ?? "\(fault)"
        note("worker failed: \(reason)", slot)
        guard slot.isLost, !slot.isDegraded else { return }
        slot.isDegraded = true
        try tell(.evaluatorDegraded, slot.number, reason)
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
