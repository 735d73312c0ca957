package import Documents

/// `linas`: predictors of what is measured choose what to measure next, and learn from it.
package struct LinasSettings: SearchAlgorithmSettings {
    package static let kind = "linas"

    /// The share of candidates that are asked for where predictions are least sure, 0 to 1; default 0.1.
    package let exploration: Double
    /// The last share of the budget in which every other candidate is one choice away from the front, 0 to 1; default 0.2.
    package let refinement: Double

    /// Creates settings; values outside a range are moved to its nearest end.
    package init(exploration: Double, refinement: Double) {
        self.exploration = min(max(exploration, 0), 1)
        self.refinement = min(max(refinement, 0), 1)
    }

    package init() { self.init(exploration: 0.1, refinement: 0.2) }

    package init(_ reader: SectionReader) {
        reader.describe([
            "exploration": "share of candidates that are asked for where predictions are least sure",
            "refinement": "last share of the budget in which every other candidate is one choice away from the front",
        ])
        let usual = LinasSettings()
        self.init(
            exploration: reader.number("exploration", default: usual.exploration, in: 0...1, isComputed: false),
            refinement: reader.number("refinement", default: usual.refinement, in: 0...1, isComputed: false))
    }

    /// Reads settings; values outside a range are moved to its nearest end.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            exploration: try container.decode(Double.self, forKey: .exploration),
            refinement: try container.decode(Double.self, forKey: .refinement))
    }

    package var entries: [(key: String, value: String)] {
        [("exploration", ShortNumber.text(exploration)), ("refinement", ShortNumber.text(refinement))]
    }
}
