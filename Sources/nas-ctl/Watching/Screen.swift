internal import Foundation
internal import UserFiles

/// The terminal while something is drawn on it: another screen, no echo, keys as they are pressed.
final class Screen {
    private let saved: UnsafeMutablePointer<termios>
    private var isOpen = false
    private let terminal: Terminal

    /// Takes the terminal over; nil when there is none to draw on.
    init?(_ terminal: Terminal) {
        guard terminal.hasScreen, isatty(STDIN_FILENO) != 0 else { return nil }
        self.terminal = terminal
        // Never freed: a signal may need it at any time.
        saved = UnsafeMutablePointer<termios>.allocate(capacity: 1)
        guard tcgetattr(STDIN_FILENO, saved) == 0 else { return nil }
        Interruption.setTerminal(saved)
        var raw = saved.pointee
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // A stopped program would leave the terminal as it is now.
        withUnsafeMutableBytes(of: &raw.c_cc) { $0[Int(VSUSP)] = 0 }
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        send("\u{1B}[?1049h\u{1B}[?25l")
        isOpen = true
        // A new size wakes the wait for a key.
        signal(SIGWINCH) { _ in }
    }

    deinit { close() }

    /// Gives the terminal back.
    func close() {
        guard isOpen else { return }
        isOpen = false
        send("\(Interruption.leavingScreen)")
        tcsetattr(STDIN_FILENO, TCSANOW, saved)
        Interruption.setTerminal(nil)
    }

    /// Columns and rows.
    var size: TerminalSize { terminal.size }

    /// Shows lines in place of what was there.
    func show(_ lines: [String]) {
        let rows = size.rows
        // Each line clears what is left of the one before it; no flicker.
        let text = lines.prefix(rows).map { $0 + "\u{1B}[K" }.joined(separator: "\n")
        send("\u{1B}[H" + text + "\u{1B}[J")
    }

    /// Waits for a key, or for a change of size; nil when the time is over.
    func key(within milliseconds: Int) -> Character? {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, Int32(milliseconds)) > 0 else { return nil }
        var byte: UInt8 = 0
        // A terminal that is gone is as good as q.
        return read(STDIN_FILENO, &byte, 1) == 1 ? Character(Unicode.Scalar(byte)) : "q"
    }

    private func send(_ text: String) {
        // A terminal that is gone is noticed where a key is waited for.
        try? StandardStreams.write(Array(text.utf8))
    }
}
