package import Documents

/// `bins`: the best of every bin of cost and their children.
package struct BinsSettings: SearchAlgorithmSettings {
    package static let kind = "bins"
    package static let racesLosers = true
    package static let keys = ["bins", "crossoverRate", "mutationRate"]

    /// Bins of equal width, at least 1; nil for as many as the population has members.
    package let bins: Int?
    /// The share of children of two parents, 0 to 1; default 0.5. The others have one parent and are mutated.
    package let crossoverRate: Double
    /// The probability of each choice of a mutant to be drawn anew, 0 to 1; default 0.2.
    package let mutationRate: Double

    package init(bins: Int? = nil, crossoverRate: Double = 0.5, mutationRate: Double = 0.2) {
        self.bins = bins.map { max($0, 1) }
        self.crossoverRate = min(max(crossoverRate, 0), 1)
        self.mutationRate = min(max(mutationRate, 0), 1)
    }

    package init() { self.init(bins: nil) }

    package init(_ reader: SectionReader) {
        reader.describe([
            "bins": "bins of cost; by default as many as the population",
            "crossoverRate": "share of the children that have two parents, which are not mutated",
            "mutationRate": "probability of a mutant's choice to be drawn anew",
        ])
        let usual = BinsSettings()
        self.init(
            bins: reader.optional("bins") { reader.integer("bins", in: 1...100_000) },
            crossoverRate: reader.number("crossoverRate", default: usual.crossoverRate, in: 0...1, isComputed: false),
            mutationRate: reader.number("mutationRate", default: usual.mutationRate, in: 0...1, isComputed: false))
    }

    /// Reads settings; values outside a range are moved to its nearest end.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            bins: try container.decodeIfPresent(Int.self, forKey: .bins),
            crossoverRate: try container.decode(Double.self, forKey: .crossoverRate),
            mutationRate: try container.decode(Double.self, forKey: .mutationRate))
    }

    package var entries: [(key: String, value: String)] {
        (bins.map { [("bins", String($0))] } ?? []) + [
            ("crossoverRate", ShortNumber.text(crossoverRate)), ("mutationRate", ShortNumber.text(mutationRate)),
        ]
    }
}
