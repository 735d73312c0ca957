internal import CSystemCalls
internal import Foundation

/// A connection that a worker opened, as the daemon hands it on: a socket whose other end is the worker's.
///
/// It ends where the connection does. What the worker is beyond it, is for whoever started it to end.
final class WorkerConnection: WorkerLink {
    private var stream: IncomingStream
    private var lines = OutgoingLines()
    private var isInputOpen = true

    /// Takes over a socket that does not wait.
    init(_ descriptor: Int32) { stream = IncomingStream(descriptor) }

    deinit { stream.close() }

    var polled: [pollfd] {
        guard var polled = stream.polled else { return [] }
        if !lines.isEmpty { polled.events |= Int16(POLLOUT) }
        return [polled]
    }

    func send(_ line: String) {
        guard isInputOpen, stream.isOpen else { return }
        lines.append(line)
        flush()
    }

    func flush() {
        guard isInputOpen, stream.isOpen else { return }
        if !lines.flush(to: stream.descriptor) { isInputOpen = false }
    }

    func closeInput() {
        if isInputOpen, stream.isOpen { shutdown(stream.descriptor, Int32(SHUT_WR)) }
        isInputOpen = false
        lines.clear()
    }

    func readOutput() -> [UInt8] { stream.read() }

    func readNotice() -> [UInt8] { [] }

    func readErrors() -> [UInt8] { [] }

    func readEnd() -> WorkerFault? { stream.isOpen ? nil : .disconnected }

    func end() { stream.close() }

    var isGone: Bool { !stream.isOpen }

    func kill() { end() }
}
