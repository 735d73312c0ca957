import Foundation

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
    /// else is a name, looked for as `name.yaml` beside the run file and then in each folder.
    ///
    /// - Parameter runFile: The path of the run file, or nil when the run did not come from a file.
    /// - Throws: `SearchSpaceError.spaceNotFound` with every place searched, `unreadableFile` or `invalidFile`.
    public func space(named name: String, runFile: String? = nil) throws(SearchSpaceError) -> SearchSpace {
        let places = candidates(named: name, runFile: runFile)
        for place in places where FileManager.default.fileExists(atPath: place) {
            return try Self.load(place)
        }
        throw .spaceNotFound(name: name, searched: places)
    }

    /// Reads one space file.
    ///
    /// - Throws: `SearchSpaceError.unreadableFile` or `invalidFile`.
    public static func load(_ path: String) throws(SearchSpaceError) -> SearchSpace {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadableFile(file: path, reason: "cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw .unreadableFile(file: path, reason: "expected UTF-8 text")
        }
        return try SearchSpace.parse(yaml: text, file: path)
    }

    private func candidates(named name: String, runFile: String?) -> [String] {
        let beside = runFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            if name.hasPrefix("/") { return [name] }
            return [beside.map { "\($0)/\(name)" } ?? name]
        }
        return ((beside.map { [$0] } ?? []) + directories).map { "\($0)/\(name).yaml" }
    }
}
