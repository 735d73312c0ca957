public import Documents

extension SearchSpace {
    /// The same space with another section `mixture`, as YAML on one line.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of the section.
    public func replacing(mixture: String) throws(DocumentError) -> SearchSpace {
        // The section is the last one.
        let plain = resolvedYAML.split(separator: "\nmixture", maxSplits: 1)[0]
        return try SearchSpace.parse(yaml: "\(plain)\nmixture: \(mixture)\n", file: "mixture")
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
