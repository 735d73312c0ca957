package import Documents

/// `evolution`: the best by the first objective and their children.
package struct EvolutionSettings: SearchAlgorithmSettings {
    package static let kind = "evolution"
    package static let racesLosers = true
    package static let keys = VariationSettings.keys + ["preset"]

    /// How children are made; without effect beside a preset.
    package let variation: VariationSettings
    /// Settings of a publication in place of the variation; nil for none.
    package let preset: EvolutionPreset?

    package init(variation: VariationSettings = VariationSettings(), preset: EvolutionPreset? = nil) {
        self.variation = variation
        self.preset = preset
    }

    package init() { self.init(preset: nil) }

    package init(_ reader: SectionReader) {
        reader.describe([
            "preset": "the settings of a publication, in place of these"
        ])
        let preset = reader.optional("preset") {
            reader.word("preset", among: EvolutionPreset.allCases.map(\.rawValue)).flatMap(EvolutionPreset.init)
        }
        let variation = VariationSettings(reader)
        self.init(variation: preset == nil ? variation : VariationSettings(), preset: preset ?? nil)
        guard let preset = self.preset else { return }
        for key in variation.entries.map(\.key) where reader.has(key) {
            reader.report(
                "expected no \(key) beside the preset '\(preset.rawValue)', which says how children are made", key: key,
                hint: "take out either")
        }
    }

    package var usualPopulation: Int { preset?.population ?? SearchAlgorithm.mostlyUsualPopulation }

    package var entries: [(key: String, value: String)] {
        preset.map { [("preset", $0.rawValue)] } ?? variation.entries
    }

    private enum CodingKeys: String, CodingKey {
        case preset
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        preset = try container.decodeIfPresent(EvolutionPreset.self, forKey: .preset)
        variation = preset == nil ? try VariationSettings(from: decoder) : VariationSettings()
    }

    package func encode(to encoder: any Encoder) throws {
        guard let preset else { return try variation.encode(to: encoder) }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(preset, forKey: .preset)
    }
}

/// Published settings of evolution: parents are the best of all so far, one part of the children has one of them and is
/// mutated, the other has two.
///
/// With another population, parents and children keep their shares of it. Rates are of choices that are drawn anew, in
/// which the same option may come up.
package enum EvolutionPreset: String, Sendable, Hashable, Codable, CaseIterable {
    /// Wang et al., "HAT: Hardware-aware transformers for efficient natural language processing" (ACL 2020).
    case hat
    /// Cai et al., "Once-for-all: Train one network and specialize it for efficient deployment" (ICLR 2020).
    case ofa
    /// Chen et al., "AutoFormer: Searching transformers for visual recognition" (ICCV 2021).
    case autoformer
    /// Guo et al., "Single path one-shot neural architecture search with uniform sampling" (ECCV 2020).
    case spos

    /// Random candidates at first.
    package var population: Int {
        switch self {
        case .hat: 125
        case .ofa: 100
        case .autoformer, .spos: 50
        }
    }

    /// Parents, as a share of the population.
    package var parents: Double { self == .ofa ? 0.25 : 0.2 }

    /// Children of a generation, as a share of the population: half of them mutants, half of two parents.
    package var children: Double { self == .hat ? 0.8 : 1 }

    /// The probability of a choice for a block to be drawn anew.
    package var mutationRate: Double {
        switch self {
        case .hat: 0.3
        case .ofa, .spos: 0.1
        case .autoformer: 0.2
        }
    }

    /// The probability of a choice for the whole network to be drawn anew: the resolution of OFA, depth and width of
    /// AutoFormer.
    package var networkMutationRate: Double {
        switch self {
        case .hat: 0.3
        case .ofa: 0.5
        case .autoformer: 0.4
        case .spos: 0.1
        }
    }

    /// Whether two parents are to be of one depth.
    package var matesByDepth: Bool { self == .autoformer }
}
