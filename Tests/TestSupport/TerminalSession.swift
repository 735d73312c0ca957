public import Foundation

/// A pseudo terminal and a program on it.
public final class TerminalSession {
    /// The program.
    public let process = Process()
    private let master: Int32
    private let slave: Int32

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - name: Which program.
    ///   - columns: How wide the terminal is.
    ///   - takesKeys: Whether it is the terminal that signals of keys come from, such as Ctrl-C.
    ///   - folder: Where it is started.
    public init(
        _ arguments: [String], named name: String, columns: UInt16, environment: [String: String] = [:],
        takesKeys: Bool = false, folder: URL = Repository.root
    ) throws {
        var master: Int32 = 0, slave: Int32 = 0
        var size = winsize(ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&master, &slave, nil, nil, &size) == 0 else { throw CocoaError(.fileReadUnknown) }
        self.master = master
        self.slave = slave
        let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        let program = try Program.file(name)
        process.executableURL = takesKeys ? URL(filePath: "/usr/bin/setsid") : program
        process.arguments = (takesKeys ? ["--ctty", "--wait", program.path] : []) + arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TERM": "xterm", "NO_COLOR": ""]) { $1 }.merging(environment) { $1 }
        process.standardInput = terminal
        process.standardOutput = terminal
        process.standardError = terminal
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        close(master)
        close(slave)
    }

    /// Whether keys are echoed and lines collected, as a shell needs it.
    public var isUsual: Bool {
        var settings = termios()
        tcgetattr(slave, &settings)
        return settings.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON)
    }

    /// Presses keys.
    public func type(_ text: String) { _ = write(master, text, text.utf8.count) }

    /// Makes the terminal so wide, and tells the program.
    public func resize(columns: UInt16) {
        var size = winsize(ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        kill(process.processIdentifier, SIGWINCH)
    }

    /// What was shown until a text came, or until the program ended.
    public func read(until text: String? = nil, seconds: Int = 60) -> String {
        var all: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 50) > 0 else {
                if !process.isRunning { break }
                continue
            }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = Foundation.read(master, &part, part.count)
            guard count > 0 else { break }
            all += part[..<count]
            if let text, String(decoding: all, as: UTF8.self).contains(text) { break }
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// What a terminal of some width shows of what a program writes: as much of ECMA-48 as the programs use.
public struct TerminalPicture {
    private let columns: Int
    private var rows: [[Character]] = [[]]
    private var wrapped: Set<Int> = []
    private var row = 0, column = 0
    /// Stands behind a character of two columns.
    private static let second: Character = "\0"

    /// Shows a text from the top of an empty screen without an end.
    public init(_ text: String, columns: Int) {
        self.columns = columns
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            // One character of a text, as a terminal gets every line's end.
            case "\r\n":
                column = 0
                down(isWrap: false)
            case "\r": column = 0
            case "\n": down(isWrap: false)
            case "\u{1B}" where rest.first == "[":
                rest.removeFirst()
                let parameters = rest.prefix { !$0.isLetter }
                rest = rest.dropFirst(parameters.count)
                erase(rest.popFirst() ?? " ", parameters)
            default: put(character)
            }
        }
    }

    /// The lines, without the blanks at their ends.
    public var lines: [String] {
        rows.map { row in
            var text = String(row.filter { $0 != Self.second })
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }

    /// Lines that were too long for a row.
    public var wrappedLines: [String] { wrapped.sorted().map { lines[$0] } }

    private mutating func put(_ character: Character) {
        let value = character.unicodeScalars.first?.value ?? 0
        let width = (0x2E80...0xFFE6).contains(value) || value >= 0x1F300 ? 2 : 1
        if column + width > columns { down(isWrap: true) }
        while rows[row].count < column + width { rows[row].append(" ") }
        rows[row][column] = character
        if width == 2 { rows[row][column + 1] = Self.second }
        column += width
    }

    private mutating func down(isWrap: Bool) {
        if isWrap {
            wrapped.insert(row)
            column = 0
        }
        row += 1
        if row == rows.count { rows.append([]) }
    }

    private mutating func erase(_ command: Character, _ parameters: Substring) {
        switch (command, parameters) {
        case ("J", ""), ("J", "0"):
            rows[row] = Array(rows[row].prefix(column))
            rows.removeSubrange((row + 1)...)
            wrapped = wrapped.filter { $0 < row }
        case ("K", ""), ("K", "0"): rows[row] = Array(rows[row].prefix(column))
        default: break
        }
    }
}
