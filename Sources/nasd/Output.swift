internal import API
internal import CSystemCalls
internal import Foundation
internal import SearchSpaces

/// Where commands write: data on standard output, everything else on standard error.
///
/// What files and runs are called is shown and not obeyed by a terminal; a stream that takes nothing ends no run.
enum Output {
    /// Writes a line of data, or several; nobody hears of a closed end.
    static func line(_ text: String = "") {
        _ = write(TerminalText.escaped(text, keepsLines: true) + "\n", to: STDOUT_FILENO)
    }

    /// Writes bytes of data as they are.
    ///
    /// - Throws: `Failure` when standard output does not take them, as on a full disk.
    static func data(_ bytes: [UInt8]) throws(Failure) {
        let code = nasd_write_all(STDOUT_FILENO, bytes, bytes.count)
        guard code == 0 else {
            throw Failure(code: .failure, message: "error: standard output: \(String(cString: strerror(code)))")
        }
    }

    /// Tells the user something that is no data.
    static func tell(_ text: String) {
        _ = write(TerminalText.escaped(text, keepsLines: true) + "\n", to: STDERR_FILENO)
    }

    /// Draws on the terminal that standard error is; the text must be safe for it.
    static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to stream: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        return nasd_write_all(stream, bytes, bytes.count)
    }
}
