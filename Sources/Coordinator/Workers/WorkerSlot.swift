internal import Foundation
internal import Store

/// A place for one worker process at a time: starts it, asks it, notices how it fails, and starts it anew after a pause that grows.
///
/// Works on one thread. Time is that of a clock which nobody sets and which stands still while the machine sleeps.
final class WorkerSlot {
    typealias Instant = SuspendingClock.Instant

    /// What the slot tells its pool.
    enum News {
        /// A worker is ready.
        case hello(WorkerHello)
        /// A reply to a request that was on its way.
        case reply(id: Int, WorkerReply)
        /// The worker failed, with the ids of what was on its way.
        case failed(WorkerFault, ids: [Int])
        /// Something to be logged.
        case note(String)
    }

    private enum Phase {
        case resting(until: Instant)
        case starting(since: Instant)
        case working(WorkerHello)
        /// Its process is about to be gone.
        case ending(since: Instant)
    }

    /// Seconds that a worker has for its hello: programs that load large libraries take some.
    static let helloSeconds = 120
    /// Failures in a row after which a slot is degraded.
    static let mostFailures = 3
    private static let firstPause = Duration.milliseconds(250), longestPause = Duration.seconds(60)
    /// How long a slot waits for somebody to connect before that is told.
    private static let mostAbsence = Duration.seconds(10)
    /// How long a supervisor may take to end everything.
    private static let endSeconds = 8
    /// Lines that are read of a worker before others have their turn.
    private static let mostLines = 256
    /// How often standard error is read of a worker that has failed, which may go on to write.
    private static let mostLastReads = 16
    /// Lines of a worker that answer nothing, in a row, and answers that nobody asked for.
    private static let mostIdleLines = 100_000, mostUnasked = 1000

    let number: Int
    /// Seconds that a request may take.
    private let deadline: Double
    private let hello: () -> String
    private let check: (WorkerJSON) throws(WorkerFault) -> WorkerHello
    private let open: () throws(WorkerFault) -> WorkerOpening
    private let log: SlotLog
    /// What its log is called where that is told.
    private let logName: String
    private var words = LastWords()
    private var phase = Phase.resting(until: .now)
    var worker: (any WorkerLink)?
    /// Since when nobody has connected, where workers do that.
    private var absentSince: Instant?
    private var lines = LineBuffer(most: WorkerMessage.mostLineBytes)
    /// Deadlines of the requests that are on their way, by id.
    private var requests: [Int: Instant] = [:]
    private var nextID = 1
    /// Ids that were answered lately, so that a second answer is told from one that nobody asked for.
    private var answered: [Int] = []
    private var idleLines = 0, unasked = 0
    /// Whether lines are left that had no turn yet.
    private var hasMore = false
    private var lastLine = Instant.now
    /// What ended the last process, unless it answered since.
    private(set) var lastFault: WorkerFault?
    /// The same in words, with the last that the process wrote to standard error.
    private(set) var lastReason: String?
    /// Failures without an answer in between.
    private(set) var failures = 0
    /// What the next pause grows with: a worker that answers once in a while still rests longer each time.
    private var pauses = 0
    /// Whether it was told that the slot fails again and again.
    var isDegraded = false

    /// - Parameters:
    ///   - folder: Where its log is, and what that folder is called.
    ///   - hello: What a worker is told first.
    ///   - check: Holds its hello against what is asked.
    ///   - open: Starts a worker, or takes one that has connected.
    init(
        _ number: Int, deadline: Double, folder: String, folderName: String, hello: @escaping () -> String,
        check: @escaping (WorkerJSON) throws(WorkerFault) -> WorkerHello,
        open: @escaping () throws(WorkerFault) -> WorkerOpening
    ) {
        self.number = number
        self.deadline = deadline
        self.hello = hello
        self.check = check
        self.open = open
        log = SlotLog("\(folder)/slot-\(number).log")
        logName = "\(folderName)/slot-\(number).log"
    }

    /// Whether it has failed again and again, and not answered since.
    var isLost: Bool { failures >= Self.mostFailures }
    /// Requests that it can take now.
    var room: Int { if case .working(let hello) = phase { hello.capacity - requests.count } else { 0 } }

    /// Requests that it has.
    var load: Int { requests.count }

    /// The next moment at which something is due without a word of the worker; nil for none.
    var due: Instant? {
        switch phase {
        case .resting(let until): until
        case .starting(let since): since + .seconds(Self.helloSeconds)
        case .ending(let since): min(since + .seconds(Self.endSeconds), .now + .milliseconds(20))
        case .working(let hello):
            hasMore ? .now : (Array(requests.values) + (silence(hello).map { [$0] } ?? [])).min()
        }
    }

    private func silence(_ hello: WorkerHello) -> Instant? {
        requests.isEmpty ? nil : hello.heartbeat.map { lastLine + .seconds(3 * $0) }
    }

    /// Whether nothing is on its way.
    var isIdle: Bool { requests.isEmpty }

    /// Asks the worker; there must be room.
    ///
    /// - Returns: The id of the request.
    func ask(_ fields: [String: EventData]) -> Int {
        let id = nextID
        nextID += 1
        if requests.isEmpty { lastLine = .now }
        requests[id] = .now + .seconds(deadline)
        worker?.send(EventData.object(fields.merging(["id": .number(id)]) { $1 }))
        return id
    }

    /// Takes back what is on its way: the worker may stop working at it, and nobody waits for it.
    func cancel() {
        for id in requests.keys.sorted() { worker?.send(WorkerMessage.cancel(id)) }
        answered.append(contentsOf: requests.keys)
        requests = [:]
    }

    /// An answer counts: what failed before is forgotten.
    func noteSuccess() {
        failures = 0
        pauses = max(pauses - 1, 0)
        (lastFault, lastReason) = (nil, nil)
    }

    /// Does what is due, and takes what the process has said.
    func advance(_ tell: (News) throws -> Void) throws {
        do {
            try work(tell)
        } catch let fault as WorkerFault {
            try fail(fault, tell)
        }
    }

    private func work(_ tell: (News) throws -> Void) throws {
        let now = Instant.now
        switch phase {
        case .resting(let until):
            guard now >= until else { return }
            try begin(tell)
        case .ending(let since):
            drain()
            // Nobody waits for what it still says, which would otherwise keep the wait from waiting.
            _ = worker?.readOutput()
            _ = worker?.readEnd()
            guard let worker else { return rest() }
            if now > since + .seconds(Self.endSeconds) { worker.kill() }
            guard worker.isGone || now > since + .seconds(Self.endSeconds) else { return }
            self.worker = nil
            rest()
        case .starting(let since):
            try listen(tell)
            if case .starting = phase, now > since + .seconds(Self.helloSeconds) { throw WorkerFault.silentStart }
        case .working(let hello):
            try listen(tell)
            if requests.values.contains(where: { $0 < now }) { throw WorkerFault.deadline }
            if let silence = silence(hello), silence < now { throw WorkerFault.silence }
        }
    }

    private func begin(_ tell: (News) throws -> Void) throws {
        switch try open() {
        case .link(let link): begin(link)
        case .busy:
            absentSince = nil
            phase = .resting(until: .now + Self.firstPause)
        case .absent:
            let since = absentSince ?? .now
            absentSince = since
            phase = .resting(until: .now + Self.firstPause)
            guard since + Self.mostAbsence <= .now, !isLost else { return }
            failures = Self.mostFailures
            (lastFault, lastReason) = (.absent, "\(WorkerFault.absent)")
            try tell(.failed(.absent, ids: []))
        }
    }

    private func begin(_ link: any WorkerLink) {
        (worker, absentSince, phase) = (link, nil, .starting(since: .now))
        lines = LineBuffer(most: WorkerMessage.mostLineBytes)
        (nextID, idleLines, unasked, answered) = (1, 0, 0, [])
        words = LastWords()
        link.send(hello())
    }

    private func listen(_ tell: (News) throws -> Void) throws {
        guard let worker else { throw WorkerFault.supervisorLost }
        worker.flush()
        drain()
        if lines.count <= WorkerMessage.mostLineBytes { lines.append(worker.readOutput()) }
        hasMore = true
        for _ in 0..<Self.mostLines {
            guard let line = try lines.next() else {
                hasMore = false
                break
            }
            lastLine = .now
            try take(line, tell)
        }
        if let fault = worker.readEnd() {
            // What it said before counts.
            lines.append(worker.readOutput())
            while let line = try lines.next() { try take(line, tell) }
            throw fault
        }
    }

    private func take(_ line: ArraySlice<UInt8>, _ tell: (News) throws -> Void) throws {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
        guard case .working = phase else {
            guard let message = WorkerJSON(line), message["type"]?.text == "hello" else {
                throw WorkerFault.hello(
                    "expected it as the first line, found '\(WorkerMessage.told(String(decoding: line.prefix(80), as: UTF8.self)))'"
                )
            }
            let hello = try check(message)
            phase = .working(hello)
            return try tell(.hello(hello))
        }
        idleLines += 1
        if idleLines > Self.mostIdleLines { throw WorkerFault.flood }
        let reply = try WorkerReply(line)
        switch reply {
        case .progress: break
        case .result(let id, _), .error(let id, _, _):
            guard requests.removeValue(forKey: id) != nil else {
                unasked += 1
                if unasked > Self.mostUnasked { throw WorkerFault.unasked }
                let isSecond = answered.contains(id)
                return try tell(
                    .note(
                        "an answer with the id \(id), \(isSecond ? "which was answered or cancelled" : "which nobody asked"), is passed over"
                    ))
            }
            answered.append(id)
            if answered.count > 2 * WorkerMessage.mostCapacity { answered.removeFirst(WorkerMessage.mostCapacity) }
            idleLines = 0
            try tell(.reply(id: id, reply))
        }
    }

    /// Keeps what the worker has written to its log; whether that was anything.
    @discardableResult func drain() -> Bool {
        guard let worker else { return false }
        let notice = worker.readNotice(), bytes = worker.readErrors()
        if !notice.isEmpty || !bytes.isEmpty { log.write(notice + bytes) }
        if !bytes.isEmpty { words.append(bytes) }
        return !bytes.isEmpty
    }

    private func fail(_ fault: WorkerFault, _ tell: (News) throws -> Void) throws {
        failures += 1
        pauses += 1
        // Why it ended is mostly the last that it wrote.
        for _ in 0..<Self.mostLastReads { guard drain() else { break } }
        let said = worker.flatMap { _ in words.text }
        (lastFault, lastReason) = (fault, said.map { "\(fault), last line of \(logName): \($0)" } ?? "\(fault)")
        let ids = requests.keys.sorted()
        requests = [:]
        if let worker {
            // Without a supervisor nobody else ends what it held.
            if fault == .supervisorLost { worker.kill() } else { worker.end() }
            phase = .ending(since: .now)
        } else {
            rest()
        }
        try tell(.failed(fault, ids: ids))
    }

    private func rest() {
        let pause = Self.firstPause * (1 << min(max(pauses - 1, 0), 10))
        phase = .resting(until: .now + min(pause, Self.longestPause))
    }
}
