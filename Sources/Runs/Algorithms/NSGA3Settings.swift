/// `nsga3`: the best fronts, spread over directions of the objectives, and their children.
package struct NSGA3Settings: DirectedAlgorithmSettings {
    package static let kind = "nsga3"

    package let variation: VariationSettings
    package let directions: Int?

    package init(variation: VariationSettings, directions: Int?) {
        self.variation = variation
        self.directions = directions.map { max($0, 1) }
    }
}

/// `unsga3`: as `nsga3`, with parents that win tournaments.
package struct UNSGA3Settings: DirectedAlgorithmSettings {
    package static let kind = "unsga3"

    package let variation: VariationSettings
    package let directions: Int?

    package init(variation: VariationSettings, directions: Int?) {
        self.variation = variation
        self.directions = directions.map { max($0, 1) }
    }
}
