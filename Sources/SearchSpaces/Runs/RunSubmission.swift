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
    /// - Throws: `SearchSpaceError.invalidFile` with every fault of the run and its space, and `unfitData` where these two
    ///   are sound and do not go together.
    public static func parse(
        yaml: String, file: String, overrides: [(key: String, value: String)] = []
    ) throws(SearchSpaceError) -> RunSubmission {
        let collector = FaultCollector()
        guard var node = YAMLNode.parse(yaml, into: collector) else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        for (key, value) in overrides { node.override(key, with: value, collector: collector) }
        let space = takeSpace(from: &node, collector: collector)
        let specification = RunSpecification(SectionReader(node, path: "", at: .start, collector: collector))
        try collector.finish(file: file)
        try StoredForm.check(specification, file: file)
        if let space { try StoredForm.check(space, file: file) }
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
