package import Documents

extension RunSpecification {
    /// The JSON Schema of run files: every key that any data format, sampler, algorithm or evaluator reads, with what it accepts.
    public static var jsonSchema: String { schema.json.pretty }

    package static var schema: DocumentSchema {
        DocumentSchema(
            title: "nasd run", address: "urn:nasd:v1:run",
            description: "What is trained, searched and measured (kind: Run).",
            DocumentExploration { node, collector in
                _ = RunSpecification(SectionReader(node, path: "", at: .start, collector: collector))
            })
    }
}
