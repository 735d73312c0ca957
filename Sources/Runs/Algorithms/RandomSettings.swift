package import Documents

/// `random`: uniform draws without repetition, which have no settings.
package struct RandomSettings: SearchAlgorithmSettings {
    package static let kind = "random"
    package static let racesLosers = true

    package init() {}

    package init(_ reader: SectionReader) {}

    package var entries: [(key: String, value: String)] { [] }
}
