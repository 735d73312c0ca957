extension RunSubmission {
    /// Joins a run and the space that it names.
    ///
    /// - Throws: `SearchSpaceError.unfitData` where both are sound and do not go together.
    public init(_ specification: RunSpecification, space: SearchSpace?) throws(SearchSpaceError) {
        if let space { try specification.data.check(fits: space.input) }
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
