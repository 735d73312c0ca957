package import Documents

extension SearchSpace {
    /// The JSON Schema of space files: every key that any family reads, with what it accepts.
    public static var jsonSchema: String { schema.json.pretty }

    package static var schema: DocumentSchema {
        DocumentSchema(
            title: "nasd search space", address: "urn:nasd:v1:search-space",
            description: "What architectures there are (kind: SearchSpace).",
            DocumentExploration { node, collector in
                _ = read(SectionReader(node, path: "", at: .start, collector: collector))
            })
    }
}
