internal import Documents
internal import SearchSpaces

/// When a round of search ends before its evaluations are used up, as `search.stop` of a run file says it.
///
/// Rules are looked at after each generation; the first that holds ends the round.
public struct StopRules: Sendable, Hashable {
    /// A value of the first objective with which the search is content; nil for none.
    public let target: Double?
    /// Evaluations without a growing hypervolume; nil for any number.
    public let stagnation: Int?
    /// By how much a hypervolume must have grown to count; default 0, by anything.
    public let gain: Double
    /// Minutes of a round; nil for any number.
    public let minutes: Double?

    /// Creates rules.
    public init(target: Double? = nil, stagnation: Int? = nil, gain: Double = 0, minutes: Double? = nil) {
        self.target = target
        self.stagnation = stagnation
        self.gain = gain
        self.minutes = minutes
    }

    /// The most objectives of which a hypervolume is told.
    public static let mostObjectives = 8

    /// - Parameters:
    ///   - objectives: What is made better; empty where that is unknown.
    ///   - evaluations: Candidates of the last round.
    init(_ reader: SectionReader, objectives: [Objective], evaluations: Int) {
        reader.describe([
            "target": "a value of the first objective with which the search is content",
            "stagnation": "evaluations without a growing hypervolume",
            "gain": "by how much a hypervolume must have grown to count; without it by anything",
            "minutes": "minutes of a round",
        ])
        target = reader.optional("target") { reader.number("target", in: -1e18...1e18, isComputed: false) }
        let faultsBefore = reader.collector.count
        stagnation = reader.optional("stagnation") { reader.integer("stagnation", in: 1...1_000_000_000) }
        let isSound = reader.collector.count == faultsBefore
        gain =
            reader.optional("gain") {
                reader.number("gain", in: 0...1, excludingLowest: true, isComputed: false)
            } ?? 0
        minutes = reader.optional("minutes") {
            reader.number("minutes", in: 0...1e7, excludingLowest: true, isComputed: false)
        }
        reader.finish()
        if let target, !objectives.areWeighted, let range = objectives.first?.metric.range, !range.contains(target) {
            reader.report(
                "expected a value of \(objectives[0].metric.name), from \(ShortNumber.text(range.lowerBound)) to "
                    + "\(ShortNumber.text(range.upperBound)), found '\(ShortNumber.text(target))'", key: "target")
        }
        if let stagnation, isSound {
            if stagnation >= evaluations {
                reader.report(
                    "expected fewer than the \(evaluations) evaluations, found '\(stagnation)'", key: "stagnation")
            }
            if objectives.axes > Self.mostObjectives {
                reader.report(
                    "expected at most \(Self.mostObjectives) objectives, of which there is a hypervolume, found "
                        + "\(objectives.count)", key: "stagnation")
            }
        }
        if reader.has("gain"), !reader.has("stagnation") {
            reader.report(
                "expected no gain without stagnation", key: "gain",
                hint: "add stagnation, the evaluations in which the hypervolume must grow by that much")
        }
    }

    func resolve(into resolved: inout ResolvedEntries) {
        if let target { resolved.add("search.stop.target", target) }
        if let stagnation { resolved.add("search.stop.stagnation", stagnation) }
        if gain > 0 { resolved.add("search.stop.gain", gain) }
        if let minutes { resolved.add("search.stop.minutes", minutes) }
    }
}
