internal import ArgumentParser

/// How a command writes its data.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people, within the width of the terminal.
    case table
    /// For people, every column.
    case wide
    /// One document, as the daemon sends it.
    case json
    /// One item a line.
    case jsonl
    /// RFC 4180.
    case csv
    /// Names alone, one a line.
    case name
}
