package import Documents

/// `local`: the architectures one choice away from the best.
package struct LocalSettings: SearchAlgorithmSettings {
    /// Whose neighbours are asked for.
    package enum Centre: String, Sendable, Hashable, Codable, CaseIterable {
        /// Those that none dominates.
        case front
        /// The best by the first objective.
        case best
    }

    package static let kind = "local"
    package static let racesLosers = true

    /// Whose neighbours are asked for; default the front's.
    package let around: Centre

    package init(around: Centre) { self.around = around }

    package init() { self.init(around: .front) }

    package init(_ reader: SectionReader) {
        reader.describe([
            "around": "whose neighbours are asked for: the front's, or the best by the first objective"
        ])
        self.init(around: reader.word("around", default: .front, standIn: .front))
    }

    package var entries: [(key: String, value: String)] { [("around", around.rawValue)] }
}
