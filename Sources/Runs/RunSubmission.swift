internal import Documents
public import SearchSpaces

/// A run as it is handed to a daemon: a run file whose `space` may be the space itself in place of its name.
public struct RunSubmission: Sendable {
    /// The run; its `space` is the name of the space.
    public let specification: RunSpecification
    /// The space, where the document holds it.
    public let space: SearchSpace?

    /// Reads a document, YAML or JSON.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - file: The name that faults are reported under.
    ///   - overrides: Key paths such as `train.steps` with values in YAML, which replace or create keys in turn.
    /// - Throws: `DocumentError.invalidFile` with every fault of the run and its space, and `unfitData` where these two
    ///   are sound and do not go together.
    public static func parse(
        yaml: String, file: String, overrides: [(key: String, value: String)] = []
    ) throws -> RunSubmission {
        let collector = FaultCollector()
        guard var node = YAMLNode.parse(yaml, into: collector) else {
            try collector.finish(file: file)
            throw DocumentError.unreadableFile(file: file, reason: "malformed YAML")
        }
        for (key, value) in overrides { node.override(key, with: value, collector: collector) }
        let space = takeSpace(from: &node, collector: collector)
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        if root.has("commands") {
            root.report(
                "expected no commands, since a daemon starts those of its own configuration alone", key: "commands",
                hint: "take them out and name one of the daemon's, or begin the run with nasd run")
        }
        let specification = RunSpecification(root)
        try collector.finish(file: file)
        try specification.checkStoredForm(file: file)
        if let space { try space.checkStoredForm(file: file) }
        return try RunSubmission(specification, space: space)
    }

    /// Reads the space where it is a mapping and leaves its name in its place.
    private static func takeSpace(from node: inout YAMLNode, collector: FaultCollector) -> SearchSpace? {
        guard case .mapping(var entries) = node.content,
            let index = entries.firstIndex(where: { $0.key == "space" }),
            case .mapping = entries[index].value.content
        else { return nil }
        let value = entries[index].value
        let space = SearchSpace.read(
            SectionReader(value, path: "space", at: value.position, collector: collector))
        // A space without a name is reported as such, and not once more as a run without a space.
        entries[index].value.content = .scalar(text: space.name.isEmpty ? "unnamed" : space.name, isPlain: false)
        node.content = .mapping(entries)
        return space
    }
}

extension RunSubmission {
    /// Joins a run and the space that it names.
    ///
    /// - Throws: `RunError.unfitData` where both are sound and do not go together.
    public init(_ specification: RunSpecification, space: SearchSpace?) throws(RunError) {
        if let space { try specification.data?.check(fits: space.signature) }
        self.init(specification: space.map(specification.settled) ?? specification, space: space)
    }

    /// The submission as one YAML document, every default filled; it reads back as the same submission. A budget is left to
    /// whoever reads it.
    public var yaml: String {
        let text = specification.asHandedIn.resolvedYAML
        guard let space else { return text }
        // Every value of a resolved document is of one line, so that indentation is all it takes.
        let inline = space.resolvedYAML.split(separator: "\n").map { "  \($0)\n" }.joined()
        return text.split(separator: "\n").map { line in
            line.hasPrefix("space: ") ? "space:\n" + inline : line + "\n"
        }.joined()
    }
}
