package import Documents

/// `aging`: mutants of the best of a sample, where the oldest leave.
package struct AgingSettings: SearchAlgorithmSettings {
    package static let kind = "aging"

    /// How many candidates of the population compete to be the parent, at least 1; default 25.
    package let sample: Int
    /// How many children are made before the population is renewed, at least 1; default 10.
    package let children: Int

    package init(sample: Int, children: Int) {
        self.sample = max(sample, 1)
        self.children = max(children, 1)
    }

    package init() { self.init(sample: 25, children: 10) }

    package init(_ reader: SectionReader) {
        reader.describe([
            "sample": "candidates of the population that compete to be the parent",
            "children": "children that are made before the population is renewed",
        ])
        let usual = AgingSettings()
        self.init(
            sample: reader.integer("sample", default: usual.sample, in: 1...100_000),
            children: reader.integer("children", default: usual.children, in: 1...100_000))
    }

    /// Reads settings; values outside a range are moved to its nearest end.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            sample: try container.decode(Int.self, forKey: .sample),
            children: try container.decode(Int.self, forKey: .children))
    }

    package var usualPopulation: Int { 100 }

    package var entries: [(key: String, value: String)] {
        [("sample", String(sample)), ("children", String(children))]
    }
}
