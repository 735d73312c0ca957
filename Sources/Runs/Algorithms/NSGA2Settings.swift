/// `nsga2`: the best fronts of all objectives and their children.
package struct NSGA2Settings: VaryingAlgorithmSettings {
    package static let kind = "nsga2"
    package static let racesLosers = true

    package let variation: VariationSettings

    package init(variation: VariationSettings) { self.variation = variation }
}
