/// `evolution`: the best by the first objective and their children.
package struct EvolutionSettings: VaryingAlgorithmSettings {
    package static let kind = "evolution"

    package let variation: VariationSettings

    package init(variation: VariationSettings) { self.variation = variation }
}
