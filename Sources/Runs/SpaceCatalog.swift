public import Documents
import Foundation
public import SearchSpaces

/// Finds the space that a run names.
public struct SpaceCatalog: Sendable {
    /// Folders that are searched in turn, after the folder of the run file.
    public let directories: [String]

    /// Creates a catalog over folders, the preferred first.
    public init(directories: [String]) {
        self.directories = directories
    }

    /// Reads the space of a name or path.
    ///
    /// What contains a slash or ends in `.yaml` or `.yml` is a path, relative to the folder of the run file; anything
    /// else is a name, looked for as `name.yaml` beside the run file and then in each folder, and then as the name that a space
    /// file there gives itself.
    ///
    /// - Parameter runFile: The path of the run file, or nil when the run did not come from a file.
    /// - Throws: `RunError.spaceNotFound` with every place searched, `unreadableFile` or `invalidFile`.
    public func space(named name: String, runFile: String? = nil) throws -> SearchSpace {
        let places = candidates(named: name, runFile: runFile)
        for place in places where FileManager.default.fileExists(atPath: place) {
            // A run may be called as its space is.
            if !Self.isPath(name), Self.says(.run, place) { continue }
            return try Self.load(place)
        }
        let others = Self.isPath(name) ? [] : files(ofSpaceNamed: name, runFile: runFile)
        guard others.count < 2 else { throw RunError.ambiguousSpace(name: name, files: others) }
        guard let place = others.first else { throw RunError.spaceNotFound(name: name, searched: places) }
        return try Self.load(place)
    }

    /// The files of other names whose spaces are called so.
    ///
    /// The folder above the run file's is anybody's, unless run files lie below spaces as in `SearchSpaces/runs`.
    private func files(ofSpaceNamed name: String, runFile: String?) -> [String] {
        let beside = runFile.map { URL(fileURLWithPath: $0).standardizedFileURL.deletingLastPathComponent() }
        let above = beside.flatMap { $0.lastPathComponent == "runs" ? nil : $0.deletingLastPathComponent().path }
        var found: [String] = []
        for folder in folders(runFile: runFile) where URL(fileURLWithPath: folder).standardizedFileURL.path != above {
            let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            for file in files where file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
                let path = URL(fileURLWithPath: "\(folder)/\(file)").standardizedFileURL.path
                if !found.contains(path), Self.says(.searchSpace, named: name, path) { found.append(path) }
            }
        }
        return found
    }

    /// Whether a file is a document of a kind, and of a name where one is given.
    private static func says(_ kind: DocumentKind, named name: String? = nil, _ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= YAMLNode.sizeLimit,
            let data = FileManager.default.contents(atPath: path),
            let text = try? DocumentText.decode(data, file: path), text.contains(name ?? kind.rawValue),
            let entries = try? FileOutline(yaml: text, file: path).entries
        else { return false }
        func isSaid(_ key: String, _ value: String) -> Bool {
            entries.contains { $0.path == key && $0.text == value }
        }
        return isSaid("kind", kind.rawValue) && (name.map { isSaid("name", $0) } ?? true)
    }

    private static func isPath(_ name: String) -> Bool {
        name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }

    private func folders(runFile: String?) -> [String] {
        (runFile.map { [URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []) + directories
    }

    /// Reads one space file.
    ///
    /// - Throws: `DocumentError.unreadableFile` or `invalidFile`.
    public static func load(_ path: String) throws(DocumentError) -> SearchSpace {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadableFile(file: path, reason: "cannot be read")
        }
        return try SearchSpace.parse(yaml: DocumentText.decode(data, file: path), file: path)
    }

    private func candidates(named name: String, runFile: String?) -> [String] {
        if Self.isPath(name) {
            let beside = runFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
            return [name.hasPrefix("/") ? name : beside.map { "\($0)/\(name)" } ?? name]
        }
        return folders(runFile: runFile).map { "\($0)/\(name).yaml" }
    }
}
