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
