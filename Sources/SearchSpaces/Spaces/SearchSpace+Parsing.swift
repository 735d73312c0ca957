public import Documents

extension SearchSpace {
    /// Reads the text of a space file.
    ///
    /// - Parameters:
    ///   - file: The name that faults are reported under.
    ///   - origin: Where the text comes from; default a user.
    /// - Throws: `DocumentError.invalidFile` with every fault of the text.
    public static func parse(
        yaml: String, file: String, origin: DocumentOrigin = .user
    ) throws(DocumentError) -> SearchSpace {
        let space = try parse(yaml: yaml, file: file, collector: FaultCollector(origin))
        if origin == .user { try space.checkStoredForm(file: file) }
        return space
    }

    package func checkStoredForm(file: String) throws(DocumentError) {
        try StoredForm.check(resolvedYAML, file: file) { text throws(DocumentError) in
            try Self.parse(yaml: text, file: file, collector: FaultCollector(.store)).resolvedYAML
        }
    }

    /// What every key accepts that reading a text asks for.
    package static func keyRules(yaml: String) -> [KeyRule] {
        KeyRule.recorded { _ = try parse(yaml: yaml, file: "rules", collector: $0) }
    }

    package static func parse(
        yaml: String, file: String, collector: FaultCollector
    ) throws(DocumentError) -> SearchSpace {
        let node = YAMLNode.parse(yaml, into: collector)
        // Text that is no YAML has no keys to miss.
        guard let node else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        let space = read(SectionReader(node, path: "", at: .start, collector: collector))
        try collector.finish(file: file)
        return space
    }

    /// Reads a space from its mapping; it is to be used only when no fault was reported.
    package static func read(_ root: SectionReader) -> SearchSpace {
        root.describe([
            "apiVersion": "the version of the format",
            "kind": "what the document is",
            "name": "what runs call the space",
            "family": "the kind of architecture; the other keys follow from it",
            "source": "where the space comes from, in words",
            "mixture": "experts behind weights; without it a plain supernet",
        ])
        let _: APIVersion = root.word("apiVersion", standIn: .v1)
        _ = root.word("kind", of: [DocumentKind.searchSpace])
        let name = root.name()
        let families = ArchitectureFamilies.all.map { $0.name }
        // What else is wrong is told by the family that is most likely meant.
        let word = root.word("family", among: families) ?? root.nearestWord("family", among: families)
        let source = root.text("source", default: "", isProse: true)
        guard let kind = ArchitectureFamilies.all.first(where: { $0.name == word }) else {
            // Which other keys belong here is only known with the family.
            return SearchSpace(
                name: name, source: source, family: ArchitectureFamilies.standIn, mixture: MixtureSettings(.silent))
        }
        let family = kind.init(root)
        let mixture = kind.isMixable ? MixtureSettings(root.section("mixture")) : MixtureSettings(.silent)
        root.finish()
        return SearchSpace(name: name, source: source, family: family, mixture: mixture)
    }
}
