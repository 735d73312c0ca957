internal import CSystemCalls
internal import Documents
internal import Foundation
internal import SearchSpaces

/// The one place where the programs write to standard output and standard error.
///
/// Nothing here can end the program by accident: a full disk, a closed stream or a terminal that is gone is an error of
/// data, and nothing at all for what only tells.
public enum StandardStreams {
    /// Prepares the streams, before anything is opened.
    ///
    /// A stream that is closed would give its number, and what is meant for it, to the next file. A closed pipe becomes an
    /// error of a write.
    public static func open() {
        nasd_spare_address_space()
        nasd_open_standard_streams()
        signal(SIGPIPE, SIG_IGN)
        // And so does a file that grows past a limit (ulimit -f).
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Writes bytes of data to standard output, all of them; a closed pipe (`| head`) ends the program quietly.
    ///
    /// - Throws: ``UserFileError/refused(path:code:)`` when it takes no more, as on a full disk.
    public static func write(_ bytes: UnsafeRawBufferPointer) throws(UserFileError) {
        try TerminalLine.aside(if: isTerminal) { () throws(UserFileError) in
            try check(nasd_write_all(STDOUT_FILENO, bytes.baseAddress, bytes.count))
        }
    }

    /// Whether data come out on a terminal, which may be that of standard error.
    private static let isTerminal = isatty(STDOUT_FILENO) != 0

    /// - Parameter code: What became of a write to standard output.
    private static func check(_ code: Int32) throws(UserFileError) {
        guard code != 0 else { return }
        if code == EPIPE {
            // As every other program at the head of a pipe.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        throw .refused(path: "standard output", code: code)
    }

    /// Writes bytes of data to standard output; as those of a buffer.
    public static func write(_ bytes: [UInt8]) throws(UserFileError) {
        try TerminalLine.aside(if: isTerminal) { () throws(UserFileError) in
            try check(nasd_write_all(STDOUT_FILENO, bytes, bytes.count))
        }
    }

    /// Tells the user something that is no data, a line or several, on standard error, above a line that is drawn there; a terminal
    /// does not obey it.
    public static func tell(_ text: String) {
        let bytes = Array((TerminalText.escaped(text, keepsLines: true) + "\n").utf8)
        TerminalLine.aside { _ = nasd_write_all(STDERR_FILENO, bytes, bytes.count) }
    }
}
