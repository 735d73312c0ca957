package import Documents

/// How parents are chosen and children made of them.
package struct VariationSettings: Sendable, Hashable, Codable {
    /// How many candidates compete to be a parent, at least 1; default 2.
    package let tournament: Int
    /// The probability that a child has two parents, 0 to 1; default 0.9.
    package let crossoverRate: Double
    /// The least probability that a choice of a child changes, 0 to 1; default 0.
    ///
    /// One of n open choices changes with a probability of 1/n at least.
    package let mutationRate: Double
    /// The index of the distributions of simulated binary crossover and polynomial mutation, 0 to 1,000; nil for uniform crossover
    /// and draws among the other options, the default.
    package let eta: Double?

    /// The keys of run files.
    package static let keys = VariationSettings().entries.map(\.key) + ["eta"]

    /// Creates settings; values outside a range are moved to its nearest end.
    package init(tournament: Int = 2, crossoverRate: Double = 0.9, mutationRate: Double = 0, eta: Double? = nil) {
        self.tournament = max(tournament, 1)
        self.crossoverRate = min(max(crossoverRate, 0), 1)
        self.mutationRate = min(max(mutationRate, 0), 1)
        self.eta = eta.map { min(max($0, 0), 1000) }
    }

    init(_ reader: SectionReader) {
        reader.describe([
            "tournament": "candidates that compete to be a parent",
            "crossoverRate": "share of the children that have two parents",
            "mutationRate": "least probability that a choice of a child changes",
            "eta":
                "index of simulated binary crossover and polynomial mutation; without it choices are taken from either parent and drawn among the other options",
        ])
        let usual = VariationSettings()
        self.init(
            tournament: reader.integer("tournament", default: usual.tournament, in: 1...1000),
            crossoverRate: reader.number("crossoverRate", default: usual.crossoverRate, in: 0...1, isComputed: false),
            mutationRate: reader.number("mutationRate", default: usual.mutationRate, in: 0...1, isComputed: false),
            eta: reader.optional("eta") { reader.number("eta", in: 0...1000, isComputed: false) })
    }

    /// Reads settings; values outside a range are moved to its nearest end.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            tournament: try container.decode(Int.self, forKey: .tournament),
            crossoverRate: try container.decode(Double.self, forKey: .crossoverRate),
            mutationRate: try container.decode(Double.self, forKey: .mutationRate),
            eta: try container.decodeIfPresent(Double.self, forKey: .eta))
    }

    package var entries: [(key: String, value: String)] {
        [
            ("tournament", String(tournament)), ("crossoverRate", ShortNumber.text(crossoverRate)),
            ("mutationRate", ShortNumber.text(mutationRate)),
        ] + (eta.map { [("eta", ShortNumber.text($0))] } ?? [])
    }
}

/// The settings of an algorithm that makes children and has nothing else to set.
package protocol VaryingAlgorithmSettings: SearchAlgorithmSettings {
    /// How children are made.
    var variation: VariationSettings { get }

    init(variation: VariationSettings)
}

extension VaryingAlgorithmSettings {
    package static var keys: [String] { VariationSettings.keys }

    package init() { self.init(variation: VariationSettings()) }

    package init(_ reader: SectionReader) { self.init(variation: VariationSettings(reader)) }

    package init(from decoder: any Decoder) throws { self.init(variation: try VariationSettings(from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try variation.encode(to: encoder) }

    package var entries: [(key: String, value: String)] { variation.entries }
}

/// The settings of an algorithm that spreads its population over directions of the objectives.
package protocol DirectedAlgorithmSettings: SearchAlgorithmSettings {
    /// How children are made.
    var variation: VariationSettings { get }
    /// Directions, at least 1; nil for as many as the population has members.
    var directions: Int? { get }

    init(variation: VariationSettings, directions: Int?)
}

extension DirectedAlgorithmSettings {
    package static var keys: [String] { VariationSettings.keys + ["directions"] }

    package init() { self.init(variation: VariationSettings(), directions: nil) }

    package init(_ reader: SectionReader) {
        reader.describe(["directions": "directions of the objectives; by default as many as the population"])
        self.init(
            variation: VariationSettings(reader),
            directions: reader.optional("directions") { reader.integer("directions", in: 1...100_000) })
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: DirectionKeys.self)
        self.init(
            variation: try VariationSettings(from: decoder),
            directions: try container.decodeIfPresent(Int.self, forKey: .directions))
    }

    package func encode(to encoder: any Encoder) throws {
        try variation.encode(to: encoder)
        var container = encoder.container(keyedBy: DirectionKeys.self)
        try container.encodeIfPresent(directions, forKey: .directions)
    }

    package var entries: [(key: String, value: String)] {
        variation.entries + (directions.map { [("directions", String($0))] } ?? [])
    }
}

private enum DirectionKeys: String, CodingKey {
    case directions
}
