internal import API
internal import Documents
internal import SearchSpaces
internal import Synchronization
internal import UserFiles

/// Where commands write: data on standard output, everything else on standard error.
///
/// What files and runs are called is shown and not obeyed by a terminal; a stream that takes nothing ends no run.
enum Output {
    private static let loss = Mutex<UserFileError?>(nil)

    /// Writes a line of data, or several; what is lost is told when the command ends.
    static func line(_ text: String = "") {
        let bytes = Array((TerminalText.escaped(text, keepsLines: true) + "\n").utf8)
        do throws(UserFileError) {
            try StandardStreams.write(bytes)
        } catch {
            loss.withLock { $0 = $0 ?? error }
        }
    }

    /// Writes a line beside a file: of data, unless the file itself is on standard output.
    static func line(_ text: String, beside file: OutputFile) {
        if file.isStandardOutput { tell(text) } else { line(text) }
    }

    /// Tells the user something that is no data.
    static func tell(_ text: String) { StandardStreams.tell(text) }

    /// Draws on the terminal that standard error is; the text must be safe for it.
    static func draw(_ text: String) { StandardStreams.draw(text) }

    /// Says at the end of a command whether everything was written.
    ///
    /// - Throws: `Failure` where lines were lost.
    static func finish() throws(Failure) {
        if let error = loss.withLock({ $0 }) { throw Failure(error) }
    }
}
