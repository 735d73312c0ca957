internal import CSystemCalls
internal import Foundation
internal import Runs

/// A process of a slot: a worker, held by a supervisor that ends it with all that came of it as soon as this process does not hold
/// the other end of its pipe any more, however it ended.
final class WorkerProcess {
    /// What the supervisor says.
    enum News: Hashable {
        /// The worker runs.
        case started(pid: Int32, start: UInt64)
        /// The worker ended, or could not be started.
        case ended(WorkerFault)
    }

    /// Bytes that are read of a stream at a time.
    static let readBytes = 64 << 10
    /// This program, and the verb that makes it a supervisor.
    static let supervisor = (program: "/proc/self/exe", arguments: ["nasd", "hold-worker"])

    /// The supervisor.
    let pid: Int32
    /// When it was started, by the system's clock.
    let start: UInt64
    /// What its worker and all that comes of it have in their environment.
    let mark: String
    /// The ends of pipes that a poll asks: what the worker writes, what it writes to standard error, and what the supervisor says.
    let output: Int32, errors: Int32, status: Int32
    /// What the worker reads.
    let input: Int32
    private var control: Int32
    private var waiting: [UInt8] = []
    private var sent = 0
    private(set) var isInputOpen = true
    private var isOutputOpen = true, isErrorsOpen = true, isStatusOpen = true
    private var words = LineBuffer(most: 200)
    private var hasBeenReaped = false

    /// Starts a worker.
    ///
    /// - Parameters:
    ///   - variables: The whole environment of the worker, the mark apart.
    init(_ command: WorkerCommand, variables: [String: String], mark: String) throws(WorkerFault) {
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
        start = nasd_process_start(child)
        self.mark = mark
        (input, output, errors, control, status) = (pipes[0][1], pipes[1][0], pipes[2][0], pipes[3][1], pipes[4][0])
        let marked = variables.merging([Self.markName: mark]) { $1 }
        let texts = [command.directory ?? "."] + command.argv + marked.map { "\($0.key)=\($0.value)" }.sorted()
        let bytes: [UInt8] = texts.flatMap { text -> [UInt8] in Array(text.utf8) + [0] }
        let sizes = [UInt32(bytes.count), UInt32(command.argv.count), UInt32(marked.count)]
        // More than a pipe holds at once is taken as it is read.
        let head: [UInt8] = sizes.withUnsafeBytes { Array($0) } + bytes
        if nasd_write_all(control, head, head.count) != 0 { end() }
    }

    deinit {
        end()
        for (descriptor, isOpen) in [
            (input, isInputOpen), (output, isOutputOpen), (errors, isErrorsOpen), (status, isStatusOpen),
        ] where isOpen { close(descriptor) }
    }

    /// The variable that all that comes of a worker has.
    static let markName = "NASD_SLOT_MARK"

    /// Whether something waits to be written.
    var hasWaiting: Bool { isInputOpen && sent < waiting.count }
    /// Which streams may still say something.
    var open: (output: Bool, errors: Bool, status: Bool) { (isOutputOpen, isErrorsOpen, isStatusOpen) }

    /// Sends a line, as far as the worker takes it.
    func send(_ line: String) {
        guard isInputOpen else { return }
        waiting.append(contentsOf: line.utf8)
        waiting.append(UInt8(ascii: "\n"))
        flush()
    }

    /// Writes what waits, as far as the worker takes it.
    func flush() {
        while hasWaiting {
            let count = waiting.withUnsafeBytes { write(input, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return closeInput() }
            sent += count
        }
        waiting.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Closes what the worker reads, at which it has to end.
    func closeInput() {
        if isInputOpen { close(input) }
        isInputOpen = false
        waiting = []
        sent = 0
    }

    /// What the worker has written; empty where there is nothing now.
    func readOutput() -> [UInt8] { Self.read(output, &isOutputOpen) }

    /// What it has written to standard error; empty where there is nothing now.
    func readErrors() -> [UInt8] { Self.read(errors, &isErrorsOpen) }

    /// What the supervisor has said.
    func readNews() -> [News] {
        var news: [News] = []
        words.append(Self.read(status, &isStatusOpen))
        while let line = try? words.next() {
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard parts.count >= 2, let number = Int(parts[1]) else { continue }
            switch parts[0] {
            case "pid": news.append(.started(pid: Int32(number), start: parts.count > 2 ? UInt64(parts[2]) ?? 0 : 0))
            case "exit": news.append(.ended(.exit(code: number)))
            case "signal": news.append(.ended(.signal(number)))
            case "folder", "program", "fork":
                news.append(.ended(.start(what: String(parts[0]), code: Int32(number))))
            default: break
            }
        }
        return news
    }

    private static func read(_ descriptor: Int32, _ isOpen: inout Bool) -> [UInt8] {
        guard isOpen else { return [] }
        var code = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: readBytes) { buffer, count in
            var got = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            while got < 0, errno == EINTR { got = Foundation.read(descriptor, buffer.baseAddress, buffer.count) }
            code = got < 0 ? Int(errno) : got == 0 ? -1 : 0
            count = max(got, 0)
        }
        if code == -1 || (code > 0 && code != Int(EAGAIN)) {
            close(descriptor)
            isOpen = false
        }
        return bytes
    }

    /// Has the supervisor end the worker and all that came of it.
    func end() {
        closeInput()
        if control >= 0 { close(control) }
        control = -1
    }

    /// Whether the supervisor has ended, and so everything that it held.
    var isGone: Bool {
        if hasBeenReaped { return true }
        var code: Int32 = 0
        let found = waitpid(pid, &code, WNOHANG)
        // Without a child of that id somebody else has reaped it.
        if found == pid || (found < 0 && errno == ECHILD) { hasBeenReaped = true }
        return hasBeenReaped
    }

    /// Ends all of it at once, where the supervisor does not or is gone.
    func kill() {
        end()
        if !hasBeenReaped { Foundation.kill(pid, SIGKILL) }
        nasd_kill_marked("\(Self.markName)=\(mark)")
        for _ in 0..<100 where !isGone { usleep(1000) }
    }
}
