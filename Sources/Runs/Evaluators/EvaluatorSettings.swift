internal import Documents
public import SearchSpaces

/// What the section `evaluator` says of one kind of evaluator: its settings, and what they mean for the rest of a run.
///
/// Each kind is a type of its own, which `Evaluators` lists and nothing else names but its room in Coordinator.
public protocol EvaluatorSettings: Sendable, Hashable {
    /// The word of `evaluator.kind`.
    var kind: String { get }
    /// Whether it measures what the run trains; a run over any other has neither `data` nor `train`.
    var needsTraining: Bool { get }
    /// Whether it reads files of the data folder.
    var needsFiles: Bool { get }
    /// The program of the user's own that it runs; nil for none.
    var command: CommandUse? { get }

    /// The metrics that it declares itself, as a stage has them; nil where what is measured is the task's.
    ///
    /// - Parameter known: Metrics with units and goals, for those of which it says none.
    func metrics(at stage: MeasurementStage, among known: [Metric]) -> [Metric]?
    /// Those of its metrics whose goal neither it nor anything usual says, so that an objective has to.
    var goalless: [String] { get }

    /// Its keys below `evaluator`, the kind aside, with their values in YAML, every default filled.
    var resolvedKeys: [(key: String, value: String)] { get }
}

extension EvaluatorSettings {
    public var needsTraining: Bool { false }
    public var needsFiles: Bool { false }
    public var command: CommandUse? { nil }
    public func metrics(at stage: MeasurementStage, among known: [Metric]) -> [Metric]? { nil }
    public var goalless: [String] { [] }
    public var resolvedKeys: [(key: String, value: String)] { [] }
}

/// The evaluators by their kinds: a new one is a file beside this and a line here.
enum Evaluators {
    /// A kind, and how its keys are read.
    struct Entry: Sendable {
        let kind: String
        let read: @Sendable (SectionReader) -> any EvaluatorSettings
    }

    static let all = [
        Entry(kind: "supernet") { _ in SupernetEvaluatorSettings() },
        Entry(kind: "table") { ResultTableSettings($0) },
        Entry(kind: "command") { CommandEvaluatorSettings($0) },
    ]
}

/// An evaluator of some kind with its settings.
public struct EvaluatorChoice: Sendable, Hashable {
    /// The settings.
    public let settings: any EvaluatorSettings

    /// Reads the section of a run file; nil, and reported, for a kind that there is not.
    init?(_ root: SectionReader) {
        guard root.has("evaluator") else {
            // Named even where it is absent, for the list of known keys.
            _ = root.node("evaluator", isRequired: false, expected: "a mapping")
            settings = SupernetEvaluatorSettings()
            return
        }
        let section = root.section("evaluator")
        section.describe([
            "kind": "who measures; the other keys follow from it"
        ])
        let word = section.word("kind", among: Evaluators.all.map(\.kind))
        guard let entry = Evaluators.all.first(where: { $0.kind == word }) else { return nil }
        settings = entry.read(section)
        section.finish()
    }

    /// The evaluator of a run file that names none.
    static let usual = EvaluatorChoice(SupernetEvaluatorSettings())

    private init(_ settings: any EvaluatorSettings) { self.settings = settings }

    /// The kind as run files name it.
    public var kind: String { settings.kind }

    func resolve(into resolved: inout ResolvedEntries) {
        // Run files from before there was a choice keep their stored form.
        guard self != Self.usual else { return }
        resolved.add("evaluator.kind", plain: kind)
        for (key, value) in settings.resolvedKeys { resolved.add("evaluator.\(key)", plain: value) }
    }

    /// Whether kind and settings are the same.
    public static func == (left: EvaluatorChoice, right: EvaluatorChoice) -> Bool {
        AnyHashable(left.settings) == AnyHashable(right.settings)
    }

    /// Mixes kind and settings.
    public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}
