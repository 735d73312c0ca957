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
    /// else is a name, looked for as `name.yaml` beside the run file and then in each folder, and then as the name that a space
    /// file there gives itself.
    ///
    /// - Parameter runFile: The path of the run file, or nil when the run did not come from a file.
    /// - Throws: `SearchSpaceError.spaceNotFound` with every place searched, `unreadableFile` or `invalidFile`.
    public func space(named name: String, runFile: String? = nil) throws(SearchSpaceError) -> SearchSpace {
        let places = candidates(named: name, runFile: runFile)
        for place in places where FileManager.default.fileExists(atPath: place) {
            return try Self.load(place)
        }
        if !Self.isPath(name), let place = named(name, runFile: runFile) { return try Self.load(place) }
        throw .spaceNotFound(name: name, searched: places)
    }

    /// A file under another name whose space is called so, where no file has the name.
    private func named(_ name: String, runFile: String?) -> String? {
        for folder in folders(runFile: runFile) {
            let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            for file in files where file.hasSuffix(".yaml") || file.hasSuffix(".yml") {
                let path = "\(folder)/\(file)"
                guard let data = FileManager.default.contents(atPath: path), data.count <= YAMLNode.sizeLimit,
                    let text = try? DocumentText.decode(data, file: path), text.contains(name),
                    let entries = try? FileOutline(yaml: text, file: path).entries
                else { continue }
                func isSaid(_ key: String, _ value: String) -> Bool {
                    entries.contains { $0.path == key && $0.text == value }
                }
                if isSaid("kind", SpaceFileKind.searchSpace.rawValue), isSaid("name", name) { return path }
            }
        }
        return nil
    }

    private static func isPath(_ name: String) -> Bool {
        name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }

    private func folders(runFile: String?) -> [String] {
        (runFile.map { [URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []) + directories
    }

    /// Reads one space file.
    ///
    /// - Throws: `SearchSpaceError.unreadableFile` or `invalidFile`.
    public static func load(_ path: String) throws(SearchSpaceError) -> SearchSpace {
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
