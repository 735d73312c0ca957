/// `key=value` on the command line.
struct Assignment: Equatable {
    /// What stands before the first `=`.
    let key: String
    /// What stands behind it.
    let value: String

    /// Reads the text; the example is for the message.
    init(_ text: String, example: String) throws(Failure) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw .usage("expected key=value as in \(example), found '\(text)'")
        }
        key = String(parts[0])
        value = String(parts[1])
    }
}
