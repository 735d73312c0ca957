internal import Documents
internal import SearchSpaces

/// When the measurement of a candidate stops before it has seen all samples, as `search.racing` of a run file says it.
///
/// A candidate is out once the best that it can still come to is neither on the front nor decides what lives on.
public struct RacingSettings: Sendable, Hashable {
    /// What a candidate can still come to.
    public enum Bound: String, Sendable, Hashable, CaseIterable {
        /// Every example that it has not seen counts as answered rightly.
        case exact
        /// It will miss about as many of the others as those before it, within what chance allows.
        case statistical
    }

    /// What a candidate can still come to; default exact.
    public let bound: Bound
    /// How sure a statistical bound is of each candidate, 0.5 to 1 exclusively; default 0.99.
    public let confidence: Double

    private static let usualConfidence = 0.99

    /// Creates settings.
    public init(bound: Bound = .exact, confidence: Double = 0.99) {
        self.bound = bound
        self.confidence = confidence
    }

    /// - Parameters:
    ///   - search: The section that it is part of.
    ///   - objectives: What is made better.
    ///   - constraints: What candidates keep to.
    ///   - hasSamples: Whether candidates are measured example by example.
    init?(
        of search: SectionReader, _ algorithm: SearchAlgorithm, objectives: [Objective], constraints: [Constraint],
        hasSamples: Bool
    ) {
        guard search.has("racing") else {
            // Named even where it is absent, for the list of known keys.
            _ = search.node("racing", isRequired: false, expected: "a mapping")
            return nil
        }
        let section = search.section("racing")
        section.describe([
            "bound":
                "what a candidate can still come to: exact counts every example not seen as right, statistical allows for chance",
            "confidence": "how sure a statistical bound is of each candidate",
        ])
        bound = section.word("bound", default: .exact, standIn: .exact)
        confidence = section.number(
            "confidence", default: Self.usualConfidence, in: 0.5...0.999999, isComputed: false)
        if section.has("confidence"), bound == .exact {
            section.report(
                "expected no confidence, since an exact bound is sure", key: "confidence",
                hint: "take it out, or add bound: statistical")
        }
        section.finish()
        let counted = TaskKind.all.compactMap(\.counted)
        // Latencies that candidates have beside what is measured on examples are known before the first of these.
        func isOpen(_ metric: Metric) -> Bool { metric.kind == .quality && !counted.contains(metric) }
        if !hasSamples {
            search.report(
                "expected no racing, since candidates are not measured example by example", key: "racing",
                hint: "take it out")
        } else if !algorithm.racesLosers {
            search.report(
                "expected no racing with \(algorithm.kind), which learns from losers too", key: "racing",
                hint: "take it out, or search by \(SearchAlgorithm.racing.joined(separator: ", "))")
        } else if let open = objectives.first(where: { isOpen($0.metric) })?.metric {
            search.report(
                "expected objectives of \(counted.map(\.name).joined(separator: ", ")) and exact costs, found "
                    + "'\(open.name)', of which a part of the examples says nothing sure", key: "racing",
                hint: "take out either")
        } else if let turned = objectives.first(where: { counted.contains($0.metric) && $0.goal != $0.metric.goal }) {
            search.report(
                "expected \(turned.metric.name) with the goal \(turned.metric.goal.rawValue), found "
                    + "'\(turned.goal.rawValue)', which wrong answers put no bound on", key: "racing",
                hint: "take out either")
        } else if let measured = constraints.first(where: { $0.metric.kind == .quality })?.metric {
            search.report(
                "expected constraints on exact costs, found '\(measured.name)', which is measured", key: "racing",
                hint: "take out either")
        }
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("search.racing.bound", plain: bound.rawValue)
        if bound == .statistical { resolved.add("search.racing.confidence", confidence) }
    }
}
