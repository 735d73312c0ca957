internal import Foundation

/// Columns and rows of a terminal.
public struct TerminalSize: Sendable, Hashable {
    /// Characters of a line.
    public let columns: Int
    /// Lines.
    public let rows: Int

    /// Those of the terminal behind a descriptor now; what `COLUMNS` says, or 80, and 24, where it does not tell.
    public init(of descriptor: Int32) {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
            (columns, rows) = (Int(size.ws_col), Int(size.ws_row))
        } else {
            let told = getenv("COLUMNS").flatMap { Int(String(cString: $0)) }
            (columns, rows) = (told.map { max(1, $0) } ?? 80, 24)
        }
    }

    /// Whether a descriptor is a terminal on which the cursor can be moved: one of a type, and not a dumb one.
    public static func canMove(on descriptor: Int32) -> Bool {
        guard isatty(descriptor) != 0, let type = getenv("TERM").map({ String(cString: $0) }) else { return false }
        return !type.isEmpty && type != "dumb"
    }
}
