internal import CSystemCalls
internal import Foundation

/// What a slot has of its worker: a process that it started, or a connection that the worker opened.
protocol WorkerLink: AnyObject {
    /// The streams that are waited for.
    var polled: [pollfd] { get }
    /// Sends a line, as far as the worker takes it.
    func send(_ line: String)
    /// Writes what waits, as far as the worker takes it.
    func flush()
    /// Closes what the worker reads, at which it has to end.
    func closeInput()
    /// What the worker has written; empty where there is nothing now.
    func readOutput() -> [UInt8]
    /// What its log begins with that it has not written itself; empty once it was read.
    func readNotice() -> [UInt8]
    /// What it has written to its log; empty where there is nothing now.
    func readErrors() -> [UInt8]
    /// How the worker ended; nil while it has not.
    func readEnd() -> WorkerFault?
    /// Has the worker end, with all that came of it.
    func end()
    /// Whether all of it has ended.
    var isGone: Bool { get }
    /// Ends all of it at once, where nobody else does.
    func kill()
}

/// How a slot gets at a worker.
enum WorkerOpening {
    /// There is one.
    case link(any WorkerLink)
    /// Another run has it.
    case busy
    /// Nobody has connected.
    case absent
}

/// Lines on their way to a worker over a descriptor that does not wait.
struct OutgoingLines {
    private var waiting: [UInt8] = []
    private var sent = 0

    /// Whether something waits to be written.
    var isEmpty: Bool { sent >= waiting.count }

    /// Takes a line.
    mutating func append(_ line: String) {
        waiting.append(contentsOf: line.utf8)
        waiting.append(UInt8(ascii: "\n"))
    }

    /// Writes as much as is taken; false where nobody takes it any more.
    mutating func flush(to descriptor: Int32) -> Bool {
        while !isEmpty {
            let count = waiting.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return true }
            guard count > 0 else { return false }
            sent += count
        }
        clear()
        return true
    }

    /// Forgets all of it.
    mutating func clear() {
        waiting.removeAll(keepingCapacity: true)
        sent = 0
    }
}

/// A descriptor that is read without waiting, until it says no more.
struct IncomingStream {
    /// Bytes that are read at a time.
    private static let mostBytes = 64 << 10

    let descriptor: Int32
    private(set) var isOpen = true

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What a poll waits for.
    var polled: pollfd? { isOpen ? pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0) : nil }

    /// What has come; empty where there is nothing now.
    mutating func read() -> [UInt8] {
        guard isOpen else { return [] }
        var code = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.mostBytes) { buffer, count in
            var got = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            while got < 0, errno == EINTR { got = Foundation.read(descriptor, buffer.baseAddress, buffer.count) }
            code = got < 0 ? Int(errno) : got == 0 ? -1 : 0
            count = max(got, 0)
        }
        if code == -1 || (code > 0 && code != Int(EAGAIN)) { close() }
        return bytes
    }

    /// Closes it.
    mutating func close() {
        if isOpen { Foundation.close(descriptor) }
        isOpen = false
    }
}
