internal import API
internal import ArgumentParser
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

    /// Says at the end of a command whether everything was written.
    ///
    /// - Throws: `Failure` where lines were lost.
    static func finish() throws(Failure) {
        if let error = loss.withLock({ $0 }) { throw Failure(error) }
    }
}

/// A path on the command line.
enum PathText {
    /// Takes a text that is not empty: a variable of a script that is not set would mean the current folder.
    static func checked(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("expected a path, found an empty text") }
        return text
    }
}

/// A table in plain text: columns as wide as their longest cell.
struct TextTable {
    let header: [String]
    let rows: [[String]]

    /// The header and the rows, without trailing spaces.
    var lines: [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
                .joined(separator: "  ").replacing(/[ ]+$/, with: "")
        }
    }
}
