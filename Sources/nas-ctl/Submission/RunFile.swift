internal import API
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import UserFiles

/// A run file with the changes of the command line, and the space that it brings.
struct RunFile {
    /// What faults are reported under.
    let name: String
    /// What is handed in.
    let submission: RunSubmission

    /// Reads a file and the space that lies beside it; everything is checked here first, so that faults have a line.
    ///
    /// A space that the file names by a path must be there. One that it names by a name is read where it lies beside the
    /// run file or one folder above, as in `SearchSpaces/runs`; otherwise the daemon knows it.
    ///
    /// - Parameters:
    ///   - path: The path; `-` for standard input.
    ///   - overrides: Texts of the form key=value.
    init(path: String, overrides: [String] = []) throws {
        try self.init(path: path, text: UserText.read(path), overrides: overrides)
    }

    /// The same for a file whose text was read.
    init(path: String, text: String, overrides: [String] = []) throws {
        name = UserText.name(of: path)
        let changes = try Self.changes(overrides)
        let read = try RunSubmission.parse(yaml: text, file: name, overrides: changes)
        let runFile = path == "-" ? nil : path
        guard read.space == nil, let space = try Self.space(named: read.specification.space, runFile: runFile) else {
            submission = read
            try checkBounds()
            return
        }
        // The run that is handed in names the space by its name, not by where it lay.
        let named = try RunSubmission.parse(
            yaml: text, file: name,
            overrides: changes + [(key: "space", value: RunSpecification.quoted(space.name))])
        submission = try RunSubmission(named.specification, space: space)
        try checkBounds()
    }

    /// A file that was made of a run, with the space that it was computed in.
    init(name: String, text: String, space: SearchSpace, overrides: [String]) throws {
        self.name = name
        // The run that is handed in names the space by its name, not by where it lay.
        let changes = try Self.changes(overrides) + [(key: "space", value: RunSpecification.quoted(space.name))]
        let specification = try RunSpecification.parse(yaml: text, file: name, overrides: changes)
        submission = try RunSubmission(specification, space: space)
        try checkBounds()
    }

    private static func changes(_ overrides: [String]) throws(Failure) -> [(key: String, value: String)] {
        try overrides.map { override throws(Failure) in
            let assignment = try Assignment(override, example: "--set train.steps=500")
            return (key: assignment.key, value: assignment.value)
        }
    }

    /// A daemon says the same; it is not asked for what can be known here.
    private func checkBounds() throws(RunError) {
        if let space = submission.space { try submission.specification.checkBounds(in: space) }
    }

    private static func space(named name: String, runFile: String?) throws -> SearchSpace? {
        let isPath = name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
        if isPath { return try SpaceCatalog(directories: []).space(named: name, runFile: runFile) }
        guard let runFile else { return nil }
        let beside = URL(filePath: runFile).standardizedFileURL.deletingLastPathComponent()
        let catalog = SpaceCatalog(directories: [beside.deletingLastPathComponent().path])
        do {
            return try catalog.space(named: name, runFile: beside.appending(path: "run.yaml").path)
        } catch RunError.spaceNotFound {
            return nil
        }
    }
}

extension RunFile {
    /// What a daemon found wrong with the submission, under the name of the file.
    func failure(_ error: APIClientError) -> Failure {
        guard case .problem(let problem) = error, let faults = problem.errors, !faults.isEmpty else {
            return Failure(error)
        }
        let lines = faults.map { fault in
            ([name, fault.path].filter { !$0.isEmpty } + [fault.message]).joined(separator: ": ")
        }
        return Failure(code: error.exitStatus, message: lines.joined(separator: "\n"))
    }
}
