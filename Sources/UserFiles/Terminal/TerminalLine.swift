internal import CSystemCalls
internal import Documents
internal import Foundation
internal import Synchronization

/// One line at the end of what the terminal behind standard error shows, drawn anew in place as often as it changes, and whenever
/// the terminal gets another width.
///
/// Whatever else is told goes above it (`StandardStreams`), and a signal that ends the program leaves it whole (`Interruption`). The
/// cursor rests at its beginning, so that nothing of it stays behind where a terminal breaks its lines anew.
public enum TerminalLine {
    private static let line = Mutex<(@Sendable (_ columns: Int) -> String)?>(nil)

    /// Whether standard error is a terminal on which a line can be drawn anew.
    public static let isPossible = TerminalSize.canMove(on: STDERR_FILENO)

    /// Draws a line in place of the one that is there; where none can be drawn, nothing.
    ///
    /// - Parameter text: What it says in at most so many columns; it is asked again for another width, from another thread.
    public static func show(_ text: @escaping @Sendable (_ columns: Int) -> String) {
        guard isPossible else { return }
        WidthWatch.begin()
        line.withLock { line in
            line = text
            write(draw(text))
        }
    }

    /// Leaves the line as it is and goes to the next one.
    public static func leave() {
        line.withLock { line in
            guard let text = line else { return }
            line = nil
            let last = draw(text).dropLast() + "\n"
            Interruption.setOpenLine(nil)
            write(String(last))
        }
    }

    /// Takes the line away.
    public static func erase() {
        line.withLock { line in
            guard line != nil else { return }
            line = nil
            Interruption.setOpenLine(nil)
            write(clearing)
        }
    }

    /// Writes something else above the line, on this terminal; with no line, as it comes.
    ///
    /// - Parameter isMeant: Whether that comes out on the terminal at all.
    static func aside<Failure>(if isMeant: Bool = true, _ write: () throws(Failure) -> Void) throws(Failure) {
        guard isMeant, isPossible else { return try write() }
        let result = line.withLock { line in
            guard let text = line else { return Result { () throws(Failure) in try write() } }
            Self.write(clearing)
            defer { Self.write(draw(text)) }
            return Result { () throws(Failure) in try write() }
        }
        try result.get()
    }

    /// Draws the line anew, where there is one.
    fileprivate static func redraw() {
        line.withLock { line in
            if let text = line { write(draw(text)) }
        }
    }

    /// From the beginning of the line on, nothing.
    private static let clearing = "\r\u{1B}[J"

    /// The text first and what is left of the one before it last, so that nothing flickers. The last column stays free: a terminal
    /// that has filled it clears it, too.
    private static func draw(_ text: @Sendable (Int) -> String) -> String {
        let columns = max(1, TerminalSize(of: STDERR_FILENO).columns - 1)
        let shown = "\r" + DisplayWidth.cut(TerminalText.escaped(text(columns)), to: columns) + "\u{1B}[J"
        Interruption.setOpenLine(shown + "\n")
        return shown + "\r"
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = nasd_write_all(STDERR_FILENO, bytes, bytes.count)
    }
}

/// Draws the line anew when the terminal gets another width, and when the program comes back from the background.
private enum WidthWatch {
    // A handler may only use what is safe in it: it writes a byte into a pipe, at whose other end a thread waits.
    private static let entrance = Atomic<Int32>(-1)
    private static let hasBegun = Atomic<Bool>(false)

    /// Begins, once; without a thread the line is drawn anew only when it changes.
    static func begin() {
        guard !hasBegun.exchange(true, ordering: .relaxed) else { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            // A handler never waits.
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let (exit, argument) = (ends[0], UnsafeMutableRawPointer(bitPattern: Int(ends[0]) + 1))
        let code = nasd_start_thread(
            64 << 10,
            { argument in
                WidthWatch.wait(at: Int32(Int(bitPattern: argument) - 1))
                return nil
            }, argument)
        guard code == 0 else {
            for end in [exit, ends[1]] { close(end) }
            return
        }
        entrance.store(ends[1], ordering: .releasing)
        for code in [SIGWINCH, SIGCONT] {
            signal(code) { _ in
                let saved = errno
                var byte: UInt8 = 0
                Foundation.write(WidthWatch.entrance.load(ordering: .acquiring), &byte, 1)
                errno = saved
            }
        }
    }

    private static func wait(at exit: Int32) {
        nasd_name_thread("terminal width")
        var bytes = [UInt8](repeating: 0, count: 64)
        while true {
            var descriptor = pollfd(fd: exit, events: Int16(POLLIN), revents: 0)
            let found = poll(&descriptor, 1, -1)
            guard found > 0 else {
                if found < 0, errno == EINTR { continue }
                return
            }
            guard read(exit, &bytes, bytes.count) > 0 else { return }
            TerminalLine.redraw()
        }
    }
}
