package import Documents

/// A search algorithm with the settings that are its own, as `search.algorithm` of a run file names it.
public struct SearchAlgorithm: Sendable {
    package let settings: any SearchAlgorithmSettings

    package init(_ settings: any SearchAlgorithmSettings) { self.settings = settings }

    /// The algorithm of a kind with its default settings; nil where there is none.
    public init?(kind: String) {
        guard let settings = Self.known.first(where: { $0.kind == kind }) else { return nil }
        self.settings = settings.init()
    }

    /// The kinds that there are.
    public static var kinds: [String] { known.map { $0.kind } }

    /// The name in run files.
    public var kind: String { type(of: settings).kind }

    /// The kinds whose losers need no exact results.
    static var racing: [String] { known.filter { $0.racesLosers }.map { $0.kind } }

    /// Whether losers need no exact results.
    package var racesLosers: Bool { type(of: settings).racesLosers }

    /// Candidates of a generation where nobody says how many.
    public var usualPopulation: Int { settings.usualPopulation }

    /// The value of `search.algorithm`: the kind alone where every setting has its default.
    var yaml: String {
        if settings.isDefault { return kind }
        let entries = [("kind", kind)] + settings.entries
        return "{\(entries.map { "\($0): \($1)" }.joined(separator: ", "))}"
    }

    /// Reads `algorithm: KIND` or `algorithm: {kind: KIND, …}` of the section `search`.
    init(of section: SectionReader) {
        self = Self.usual
        let path = section.path("algorithm")
        guard let node = section.node("algorithm", isRequired: false, expected: "an algorithm") else { return }
        guard case .mapping = node.content else {
            if let known = Self.settings(node, path: path, section) { self.init(known.init()) }
            return
        }
        let own = SectionReader(node, path: path, at: node.position, collector: section.collector)
        own.describe([
            "kind": "the algorithm; the other keys follow from it"
        ])
        var type = Self.kindless
        if let kind = own.node("kind", isRequired: false, expected: "a kind") {
            // Whose keys the others are, nobody knows without a kind.
            guard let known = Self.settings(kind, path: own.path("kind"), section) else { return }
            type = known
        }
        self.init(type.init(own))
        // An override of the kind alone leaves the settings of the file's kind behind, which is no mistake.
        if own.position(of: "kind").overrideKey == own.path("kind") {
            for key in Self.keys { _ = own.node(key, isRequired: false, expected: "a setting") }
        }
        own.finish()
    }

    /// Candidates of a generation for algorithms that want no other number.
    static let mostlyUsualPopulation = 50

    /// The keys of all algorithms.
    private static var keys: [String] { known.flatMap { $0.keys } }

    private static func settings(
        _ node: YAMLNode, path: String, _ section: SectionReader
    ) -> (any SearchAlgorithmSettings.Type)? {
        let kind = section.word(node, path: path, among: kinds)
        return known.first { $0.kind == kind }
    }
}

extension SearchAlgorithm: Hashable {
    /// Whether kind and settings are the same.
    public static func == (left: SearchAlgorithm, right: SearchAlgorithm) -> Bool {
        left.settings.isEqual(to: right.settings)
    }

    /// Mixes kind and settings.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        settings.hash(into: &hasher)
    }
}

/// What a search algorithm can be told in a run file; as `Codable`, a part of saved searches.
package protocol SearchAlgorithmSettings: Sendable, Hashable, Codable {
    /// The name in run files.
    static var kind: String { get }

    /// The keys that it may have besides its kind.
    static var keys: [String] { get }

    /// Whether what it asks stays the same where losers are known by bounds: its strategy's `deciding` says whose results it needs.
    static var racesLosers: Bool { get }

    /// Every setting at its default.
    init()

    /// Reads the settings, each with its default and its bounds; whatever is wrong is reported.
    init(_ reader: SectionReader)

    /// Candidates of a generation where the file says nothing of them.
    var usualPopulation: Int { get }

    /// The settings by key, with their values in YAML, in the order of run files.
    var entries: [(key: String, value: String)] { get }
}

extension SearchAlgorithmSettings {
    package static var keys: [String] { Self().entries.map(\.key) }

    package static var racesLosers: Bool { false }

    package var usualPopulation: Int { SearchAlgorithm.mostlyUsualPopulation }

    fileprivate var isDefault: Bool { self == Self() }

    fileprivate func isEqual(to other: any SearchAlgorithmSettings) -> Bool { (other as? Self) == self }
}
