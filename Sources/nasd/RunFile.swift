internal import API
internal import Coordinator
internal import Datasets
internal import SearchSpaces

/// A run file with the changes of the command line.
struct RunFile {
    let path: String

    /// Reads the file, the space that it names, and the data; parameters as in `read`.
    func inputs(overrides: [String], seed: Int?, data: String?) throws -> RunInputs {
        let specification = try read(overrides: overrides, seed: seed, data: data)
        let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: path))
            .space(named: specification.space, runFile: path)
        return try RunInputs(specification: specification, space: space, folder: data.map { DataFolder($0) })
    }

    /// The data directory of a run where none is named.
    static func usualDirectory(_ name: String) -> String { "nasd-runs/\(name)" }

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - overrides: Texts of the form key=value.
    ///   - seed: The seed in place of the file's.
    ///   - data: The data directory in place of the file's.
    private func read(overrides: [String], seed: Int?, data: String?) throws -> RunSpecification {
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
