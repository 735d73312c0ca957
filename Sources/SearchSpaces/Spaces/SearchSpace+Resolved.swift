public import Documents

extension SearchSpace {
    /// The same space with another section `mixture`, as YAML on one line; one expert, which is no mixture, fits every family.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of the section.
    public func replacing(mixture: String) throws(DocumentError) -> SearchSpace {
        let file = "mixture", collector = FaultCollector()
        let node = YAMLNode.parse("mixture: \(mixture)\n", into: collector)
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        let settings = MixtureSettings(root.section("mixture"))
        let isMixable = type(of: family).isMixable
        if !isMixable, settings.isMixed {
            root.report("expected a family whose layers experts can stand behind, found \(familyName)", key: "mixture")
        }
        root.finish()
        try collector.finish(file: file)
        let space = SearchSpace(
            name: name, source: source, family: family, mixture: isMixable ? settings : MixtureSettings(.silent))
        try space.checkStoredForm(file: file)
        return space
    }

    /// The space as a complete space file, every default filled, in a stable order; it reads back as the same space.
    public var resolvedYAML: String {
        var resolved = ResolvedEntries()
        resolved.add("apiVersion", plain: "nasd/v1")
        resolved.add("kind", plain: "SearchSpace")
        resolved.add("name", quoted: name)
        resolved.add("family", plain: familyName)
        if !source.isEmpty { resolved.add("source", quoted: source) }
        family.resolve(into: &resolved)
        if type(of: family).isMixable { mixture.resolve(into: &resolved) }
        return resolved.yaml
    }
}
