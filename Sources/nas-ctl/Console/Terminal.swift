internal import Foundation
internal import UserFiles

/// What standard output is.
struct Terminal {
    /// Whether it is a terminal.
    let isTerminal: Bool
    /// Whether colours may be used: a terminal that has them, and no NO_COLOR.
    let hasColor: Bool

    /// Whether it can be drawn on.
    let hasScreen: Bool

    /// Looks at standard output.
    static func standardOutput() -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) != 0
        let hasScreen = TerminalSize.canMove(on: STDOUT_FILENO)
        let isPlain = variable("NO_COLOR").map { !$0.isEmpty } ?? false
        return Terminal(isTerminal: isTerminal, hasColor: hasScreen && !isPlain, hasScreen: hasScreen)
    }

    /// The columns of the terminal; nil when there is none, and text may be as wide as it is.
    var width: Int? { isTerminal ? size.columns : nil }

    /// Columns and rows of the terminal now.
    var size: TerminalSize { TerminalSize(of: STDOUT_FILENO) }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// How text stands out on a terminal with colours.
enum Style: String, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    /// The text in this style.
    func applied(to text: String) -> String {
        self == .plain || text.isEmpty ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }

    /// The style of a run's state.
    static func ofState(_ state: String) -> Style {
        switch state {
        case "completed": .green
        case "failed": .red
        case "cancelled", "queued": .dim
        case "paused": .yellow
        default: .cyan
        }
    }
}
