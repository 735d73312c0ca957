/// `agemoea`: the best fronts, spread by the shape of the first one, and their children.
package struct AGEMOEASettings: VaryingAlgorithmSettings {
    package static let kind = "agemoea"
    package static let racesLosers = true

    package let variation: VariationSettings

    package init(variation: VariationSettings) { self.variation = variation }
}
