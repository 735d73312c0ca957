internal import SearchSpaces

/// A run file with the changes of the command line.
struct RunFile {
    let path: String

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - overrides: Texts of the form key=value.
    ///   - seed: The seed in place of the file's.
    ///   - data: The data directory in place of the file's.
    func read(overrides: [String], seed: Int?, data: String?) throws -> RunSpecification {
        let text = try UserFile.text(of: path)
        var changes: [(key: String, value: String)] = []
        for override in overrides {
            let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(code: .usage, message: "error: expected --set key=value, found '\(override)'")
            }
            changes.append((String(parts[0]), String(parts[1])))
        }
        if let seed { changes.append(("seed", String(seed))) }
        if let data { changes.append(("data.directory", RunSpecification.quoted(data))) }
        return try RunSpecification.parse(yaml: text, file: path, overrides: changes)
    }
}
