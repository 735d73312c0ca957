internal import CSystemCalls
internal import Foundation
internal import Runs

/// A process of a slot: a worker, held by a supervisor that ends it with all that came of it as soon as this process does not hold
/// the other end of its pipe any more, however it ended.
final class WorkerProcess: WorkerLink {
    /// This program, and the verb that makes it a supervisor.
    static let supervisor = (program: "/proc/self/exe", arguments: ["nasd", "hold-worker"])

    /// The supervisor.
    private let pid: Int32
    /// What is on the disk of it, so that the next start knows what was running.
    private var record: SlotRecord { didSet { note(record) } }
    private let note: (SlotRecord) -> Void
    /// What the worker writes, what it writes to standard error, and what the supervisor says.
    private var output: IncomingStream, errors: IncomingStream, status: IncomingStream
    /// What the worker reads.
    private let input: Int32
    private var control: Int32
    private var outgoing = OutgoingLines()
    private var isInputOpen = true
    private var words = LineBuffer(most: 200)
    /// What is said in the worker's log before its own words.
    private var notice: [UInt8] = []
    private var hasBeenReaped = false

    /// Starts a worker.
    ///
    /// - Parameters:
    ///   - variables: The whole environment of the worker, the mark apart.
    ///   - note: Notes what is about to run and what runs, so that it is known to the next start.
    init(
        _ command: WorkerCommand, slot: Int, variables: [String: String], note: @escaping (SlotRecord) -> Void
    ) throws(WorkerFault) {
        let mark = UUID().uuidString
        note(SlotRecord(slot: slot, mark: mark))
        // A worker that is gone is an error of a write.
        signal(SIGPIPE, SIG_IGN)
        var pipes: [[Int32]] = []
        func give(_ what: String) -> WorkerFault {
            let code = errno
            for end in pipes.joined() { close(end) }
            return .start(what: what, code: code)
        }
        for ours: Int32 in [1, 0, 0, 1, 0] {
            var ends: [Int32] = [-1, -1]
            guard nasd_pipe(&ends, ours) == 0 else { throw give("pipe") }
            pipes.append(ends)
        }
        let theirs = [pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][0], pipes[4][1]]
        let arguments = Self.supervisor.arguments.map { strdup($0) } + [nil]
        // It needs what the dynamic linker needs, and hands nothing of it on.
        let own = ProcessInfo.processInfo.environment.filter { $0.key == "LD_LIBRARY_PATH" }
        let environment = own.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        let child = nasd_spawn(Self.supervisor.program, arguments, environment, theirs, Int32(theirs.count))
        guard child > 0 else { throw give("supervisor") }
        for end in theirs { close(end) }
        pid = child
        self.note = note
        record = SlotRecord(slot: slot, mark: mark, supervisor: .init(pid: child, start: nasd_process_start(child)))
        (input, control) = (pipes[0][1], pipes[3][1])
        (output, errors, status) = (
            IncomingStream(pipes[1][0]), IncomingStream(pipes[2][0]), IncomingStream(pipes[4][0])
        )
        note(record)
        let marked = variables.merging([Self.markName: mark]) { $1 }
        let texts = [command.directory ?? "."] + command.argv + marked.map { "\($0.key)=\($0.value)" }.sorted()
        let bytes: [UInt8] = texts.flatMap { text -> [UInt8] in Array(text.utf8) + [0] }
        let sizes = [UInt32(bytes.count), UInt32(command.argv.count), UInt32(marked.count), command.traces ? 1 : 0]
        // More than a pipe holds at once is taken as it is read.
        let head: [UInt8] = sizes.withUnsafeBytes { Array($0) } + bytes
        if nasd_write_all(control, head, head.count) != 0 { end() }
    }

    deinit {
        end()
        output.close()
        errors.close()
        status.close()
    }

    /// The variable that all that comes of a worker has.
    static let markName = "NASD_SLOT_MARK"

    var polled: [pollfd] {
        let sending = outgoing.isEmpty ? nil : pollfd(fd: input, events: Int16(POLLOUT), revents: 0)
        return [output.polled, errors.polled, status.polled, sending].compactMap(\.self)
    }

    func send(_ line: String) {
        guard isInputOpen else { return }
        outgoing.append(line)
        flush()
    }

    func flush() {
        if isInputOpen, !outgoing.flush(to: input) { closeInput() }
    }

    func closeInput() {
        if isInputOpen { close(input) }
        isInputOpen = false
        outgoing.clear()
    }

    func readOutput() -> [UInt8] { output.read() }

    func readNotice() -> [UInt8] {
        defer { notice = [] }
        return notice
    }

    func readErrors() -> [UInt8] { errors.read() }

    /// What the supervisor says of the end; that the worker runs is noted.
    func readEnd() -> WorkerFault? {
        words.append(status.read())
        while let line = try? words.next() {
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard parts.count >= 2, let number = Int(parts[1]) else { continue }
            switch parts[0] {
            case "pid":
                let start = parts.count > 2 ? UInt64(parts[2]) ?? 0 : 0
                record.worker = .init(pid: Int32(truncatingIfNeeded: number), start: start)
            case "untraced":
                notice = Array("nasd: \(Self.untraced): \(SystemFault.text(Int32(truncatingIfNeeded: number)))\n".utf8)
            case "exit": return .exit(code: number)
            case "signal": return .signal(number)
            case "folder", "program", "fork":
                return .start(what: String(parts[0]), code: Int32(truncatingIfNeeded: number))
            default: break
            }
        }
        return status.isOpen ? nil : .supervisorLost
    }

    func end() {
        closeInput()
        if control >= 0 { close(control) }
        control = -1
    }

    private static let untraced =
        "the system permits no tracing, so children of this worker outlive a kill of nasd and of its supervisor at once"

    /// Whether the supervisor has ended, and so everything that it held.
    var isGone: Bool {
        if hasBeenReaped { return true }
        var code: Int32 = 0
        let found = waitpid(pid, &code, WNOHANG)
        // Without a child of that id somebody else has reaped it.
        if found == pid || (found < 0 && errno == ECHILD) { hasBeenReaped = true }
        return hasBeenReaped
    }

    func kill() {
        end()
        if !hasBeenReaped { Foundation.kill(pid, SIGKILL) }
        nasd_kill_marked("\(Self.markName)=\(record.mark)")
        for _ in 0..<100 where !isGone { usleep(1000) }
    }
}
