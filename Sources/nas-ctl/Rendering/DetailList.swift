internal import Documents
internal import SearchSpaces

/// Names and values below one another.
struct DetailList {
    private var entries: [(name: String, value: String)] = []

    /// Adds a value; nil adds nothing.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { entries.append((name, TerminalText.escaped(value))) }
    }

    /// The lines, values below one another.
    func lines(hasColor: Bool = false) -> [String] {
        let width = entries.map { DisplayWidth.of($0.name) }.max() ?? 0
        return entries.map { entry in
            let name = DisplayWidth.pad(entry.name, to: width)
            return (hasColor ? Style.dim.applied(to: name) : name) + "  " + entry.value
        }
    }
}
