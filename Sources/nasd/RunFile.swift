internal import API
internal import Coordinator
internal import Foundation
internal import SearchSpaces

/// A run file with the changes of the command line.
struct RunFile {
    let path: String

    /// Reads the file, the space that it names, and the data; parameters as in `read`.
    ///
    /// - Parameter workers: The worker threads of a run, for which there has to be memory before data are read.
    func inputs(
        overrides: [String], seed: Int?, data: String?, workers: (RunSpecification) -> Int
    ) throws -> RunInputs {
        let specification = try read(overrides: overrides, seed: seed, data: data)
        let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: path))
            .space(named: specification.space, runFile: path)
        return try RunInputs(specification: specification, space: space, workers: workers(specification))
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
        let specification = try RunSpecification.parse(yaml: text, file: path, overrides: changes)
        if case .generated = specification.data.source { return specification }
        // Whoever continues the run, a daemon for one, does not do so from this folder.
        let directory = URL(fileURLWithPath: data ?? specification.data.directory ?? ".").standardizedFileURL.path
        changes.append(("data.directory", RunSpecification.quoted(directory)))
        return try RunSpecification.parse(yaml: text, file: path, overrides: changes)
    }
}
