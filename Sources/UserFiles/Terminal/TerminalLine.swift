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
    private struct Line {
        let text: @Sendable (_ columns: Int) -> String
        /// The width that it was drawn for.
        var columns = 0
    }

    private static let line = Mutex<Line?>(nil)
    private static let isWatched = Atomic<Bool>(false)
    private static let watchMicroseconds: UInt32 = 200_000

    /// Whether standard error is a terminal on which a line can be drawn anew.
    public static let isPossible = TerminalSize.canMove(on: STDERR_FILENO)

    /// Draws a line in place of the one that is there; where none can be drawn, nothing.
    ///
    /// - Parameter text: What it says in at most so many columns; it is asked again for another width, from another thread.
    public static func show(_ text: @escaping @Sendable (_ columns: Int) -> String) {
        guard isPossible else { return }
        watch()
        line.withLock { line in
            var now = Line(text: text)
            write(draw(&now))
            line = now
        }
    }

    /// Leaves the line as it is and goes to the next one.
    public static func leave() {
        line.withLock { line in
            guard var now = line else { return }
            line = nil
            let last = draw(&now).dropLast() + "\n"
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
            guard var now = line else { return Result { () throws(Failure) in try write() } }
            Self.write(clearing)
            defer {
                Self.write(draw(&now))
                line = now
            }
            return Result { () throws(Failure) in try write() }
        }
        try result.get()
    }

    /// Has the line drawn anew whenever the terminal has got another width; without a thread for it, when it changes.
    ///
    /// The terminal is asked now and then. A handler of SIGWINCH would break off what other threads wait for.
    private static func watch() {
        guard !isWatched.exchange(true, ordering: .relaxed) else { return }
        _ = nasd_start_thread(
            256 << 10,
            { _ in
                nasd_name_thread("terminal width")
                while true {
                    usleep(TerminalLine.watchMicroseconds)
                    TerminalLine.drawIfResized()
                }
            }, nil)
    }

    private static func drawIfResized() {
        line.withLock { line in
            guard var now = line, now.columns != width else { return }
            write(draw(&now))
            line = now
        }
    }

    /// The last column stays free: a terminal that has filled it clears it, too.
    private static var width: Int { max(1, TerminalSize(of: STDERR_FILENO).columns - 1) }

    /// From the beginning of the line on, nothing.
    private static let clearing = "\r\u{1B}[J"

    /// The text first and what is left of the one before it last, so that nothing flickers.
    private static func draw(_ line: inout Line) -> String {
        line.columns = width
        let text = DisplayWidth.cut(TerminalText.escaped(line.text(line.columns)), to: line.columns)
        let shown = "\r" + text + "\u{1B}[J"
        Interruption.setOpenLine(shown + "\n")
        return shown + "\r"
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = nasd_write_all(STDERR_FILENO, bytes, bytes.count)
    }
}
