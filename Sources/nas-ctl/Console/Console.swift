internal import API
internal import Documents
internal import SearchSpaces
internal import UserFiles

/// Where a command writes: data on standard output, everything else on standard error.
final class Console {
    /// What standard output is.
    let terminal: Terminal
    /// Whether notes are left out.
    let isQuiet: Bool
    private var pending: [UInt8] = []

    init(isQuiet: Bool = false, terminal: Terminal = .standardOutput()) {
        self.isQuiet = isQuiet
        self.terminal = terminal
    }

    /// Writes data; the text must be safe for a terminal.
    func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }

    /// Writes lines of data; the text must be safe for a terminal.
    func write(lines: [String]) throws(Failure) {
        for line in lines { try write(line + "\n") }
    }

    /// Writes bytes of data that are safe for a terminal.
    func write(_ bytes: [UInt8]) throws(Failure) {
        pending += bytes
        if pending.count > 1 << 16 { try flush() }
    }

    /// Writes bytes of somebody else: as they are into a file or a pipe, harmless on a terminal.
    func write(foreign bytes: UnsafeRawBufferPointer) throws(Failure) {
        guard terminal.isTerminal else { return try write(Array(bytes)) }
        let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
        try write(TerminalText.escaped(text, keepsLines: true))
    }

    /// Hands over what was written.
    ///
    /// - Throws: `Failure` when standard output takes no more, as on a full disk. A closed pipe ends the program quietly.
    func flush() throws(Failure) {
        defer { pending.removeAll(keepingCapacity: true) }
        try Failure.ofFile { () throws(UserFileError) in try StandardStreams.write(pending) }
    }

    /// Tells the user something that is no data, unless they want quiet.
    func note(_ text: String) {
        if !isQuiet { Self.tell(text) }
    }

    /// Writes text on standard error.
    static func tell(_ text: String) { StandardStreams.tell(text) }
}
