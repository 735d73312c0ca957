public import Runs

/// An arm of a comparison of searches: an algorithm, by its kind alone or with settings of its own.
public struct SearchArm: Sendable, Equatable {
    /// What tables and files call it: the kind where no other arm has it, otherwise the text.
    public let name: String
    /// The algorithm.
    public let algorithm: SearchAlgorithm

    /// An algorithm under its kind.
    public init(_ algorithm: SearchAlgorithm) {
        name = algorithm.kind
        self.algorithm = algorithm
    }

    private init(name: String, _ algorithm: SearchAlgorithm) {
        self.name = name
        self.algorithm = algorithm
    }

    /// Reads arms: kinds separated by commas, or by semicolons what `search.algorithm` of a run file takes, such as
    /// `linas; {kind: evolution, preset: hat}`.
    ///
    /// - Parameter base: A run whose search they would stand in.
    /// - Throws: ``SearchArmError``, or `DocumentError` for settings that there are not.
    public static func list(_ text: String, in base: RunSpecification) throws -> [SearchArm] {
        let isPlain = !text.contains { "{;".contains($0) }
        let texts = try ArmText.parts(of: text, at: { $0 == (isPlain ? "," : ";") }, expected: "an algorithm") {
            SearchArmError(text: text, reason: $0)
        }
        let algorithms = try texts.map { text in try Self.algorithm(text, in: base) }
        return try algorithms.enumerated().map { place, algorithm in
            let text = texts[place], isAlone = algorithms.count { $0.kind == algorithm.kind } == 1
            guard !algorithms[..<place].contains(algorithm) else {
                throw SearchArmError(text: text, reason: "'\(text)' is named twice")
            }
            return SearchArm(name: isAlone ? algorithm.kind : text, algorithm)
        }
    }

    private static func algorithm(_ text: String, in base: RunSpecification) throws -> SearchAlgorithm {
        if let algorithm = SearchAlgorithm(kind: text) { return algorithm }
        if text.hasPrefix("{"), base.search != nil {
            let changed = try RunSpecification.parse(
                yaml: base.resolvedYAML, file: "the run file with the algorithm '\(text)'",
                overrides: [("search.algorithm", text)])
            if let search = changed.search { return search.algorithm }
        }
        let known = SearchAlgorithm.kinds.joined(separator: ", ")
        throw SearchArmError(text: text, reason: "expected algorithms among \(known), found '\(text)'")
    }
}

/// A text that is no arm of a comparison of searches.
public struct SearchArmError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// What is wrong with it.
    public let reason: String

    /// What, where and how to mend it.
    public var description: String {
        "--algorithms: \(reason); write arms such as 'nsga2,random' or 'nsga2; {kind: nsga2, tournament: 4}'"
    }
}
