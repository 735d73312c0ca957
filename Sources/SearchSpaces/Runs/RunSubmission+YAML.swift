extension RunSubmission {
    /// Joins a run and the space that it names.
    public init(_ specification: RunSpecification, space: SearchSpace?) {
        self.init(specification: specification, space: space)
    }

    /// The submission as one YAML document, every default filled; it reads back as the same submission.
    public var yaml: String {
        let text = specification.resolvedYAML
        guard let space else { return text }
        // Every value of a resolved document is of one line, so that indentation is all it takes.
        let inline = space.resolvedYAML.split(separator: "\n").map { "  \($0)\n" }.joined()
        return text.split(separator: "\n").map { line in
            line.hasPrefix("space: ") ? "space:\n" + inline : line + "\n"
        }.joined()
    }
}
