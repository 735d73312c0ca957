public import Documents
public import SearchSpaces

/// A file of a user, of whichever kind it says it is.
public enum UserDocument: Sendable {
    /// A run file.
    case run(RunSpecification)
    /// A search space.
    case space(SearchSpace)

    /// What a file says it is.
    public enum Kind: Sendable {
        /// A run.
        case run
        /// A search space.
        case space
    }

    /// Reads a text by the reader of its kind.
    ///
    /// - Parameter overrides: What replaces keys of a run, as in `RunSpecification.parse`; a space has none that do.
    /// - Throws: `DocumentError.invalidFile` with every fault of the text and the overrides.
    public static func parse(
        yaml: String, file: String, overrides: [(key: String, value: String)] = []
    ) throws(DocumentError) -> UserDocument {
        switch kind(of: yaml) {
        case .run: .run(try RunSpecification.parse(yaml: yaml, file: file, overrides: overrides))
        case .space: .space(try SearchSpace.parse(yaml: yaml, file: file))
        }
    }

    /// The kind of a text; where it is missing or misspelt, the one whose reader says best what is wrong.
    public static func kind(of yaml: String) -> Kind { isRun(yaml) ? .run : .space }

    private static func isRun(_ yaml: String) -> Bool {
        guard case .mapping(let entries)? = YAMLNode.parse(yaml, into: FaultCollector())?.content else { return false }
        let kinds = [DocumentKind.run.rawValue, DocumentKind.searchSpace.rawValue]
        if case .scalar(let text, _)? = entries.first(where: { $0.key == "kind" })?.value.content,
            let kind = kinds.contains(text) ? text : Spelling.nearest(to: text, among: kinds)
        {
            return kind == DocumentKind.run.rawValue
        }
        let keys = Set(entries.map(\.key))
        return keys.isDisjoint(with: ["family", "input", "choices"])
            && !keys.isDisjoint(with: ["space", "data", "train", "search"])
    }
}
