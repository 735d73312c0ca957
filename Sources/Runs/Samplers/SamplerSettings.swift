internal import Documents
public import SearchSpaces

/// What the section `train.sampler` says of one kind of sampler: its settings, and what they mean for a run's data, time and
/// memory.
///
/// Each kind is a type of its own, which `Samplers` lists and nothing else names but its room in Training.
public protocol SamplerSettings: Sendable, Hashable {
    /// The word of `train.sampler.kind`.
    var kind: String { get }
    /// Held-out examples that it learns from; 0 for none.
    var heldOutSamples: Int { get }
    /// How to have it learn from none, for whoever held out none; nil where it learns from none.
    var withoutHeldOut: String? { get }
    /// The bins that its draws are told in: how many, and of which cost.
    var bins: (count: Int, metric: Metric) { get }
    /// What has to be measured of how many architectures before anything is trained, since its bins are of it and the space
    /// cannot count it; nil where nothing has.
    func measured(in space: SearchSpace) -> (metric: Metric, count: Int)?
    /// Whether it has passes at full width under masks.
    var hasMaskedPasses: Bool { get }
    /// Whether each shard of a step trains a subnet of its own.
    var drawsForShards: Bool { get }
    /// Whether it keeps the weights of an earlier step.
    var keepsWeights: Bool { get }
    /// The key of it that asks for what a worker of `nasd-worker/1` cannot do, with what to write in its place; nil where a
    /// worker can train all that it draws.
    var beyondWorkers: (key: String, remedy: String)? { get }

    /// Checks that it can draw from a space.
    ///
    /// - Throws: `RunError.unfitSetting`.
    func check(in space: SearchSpace) throws(RunError)

    /// Multiply-adds of the forward passes that train on one example in a step, in expectation.
    ///
    /// - Parameters:
    ///   - costs: Multiply-adds of the space's subnets on an example.
    ///   - batch: Examples of a step.
    ///   - shards: Parts of a batch.
    func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double
    /// What the teacher of a distillation adds to it, in forward passes of the largest subnet: 0 where that is drawn anyway or
    /// nothing teaches, 1 where it is run forward, 3 where it is trained, too.
    var teacherPasses: Int { get }
    /// Multiply-adds of all that it measures on held-out examples in a training, in expectation.
    ///
    /// - Parameters:
    ///   - steps: Of the training.
    ///   - batch: Examples of a step.
    ///   - heldOut: Examples that are held out for it.
    func measuring(_ costs: SubnetCosts, steps: Int, batch: Int, heldOut: Int) -> Double

    /// Its keys below `train.sampler`, the kind aside, with their values in YAML, every default filled.
    var resolvedKeys: [(key: String, value: String)] { get }
}

extension SamplerSettings {
    public var heldOutSamples: Int { 0 }
    public var withoutHeldOut: String? { nil }
    public var bins: (count: Int, metric: Metric) { (CostBins.usualCount, .multiplyAdds) }
    public func measured(in space: SearchSpace) -> (metric: Metric, count: Int)? { nil }
    public var hasMaskedPasses: Bool { false }
    public var drawsForShards: Bool { false }
    public var keepsWeights: Bool { false }
    public var beyondWorkers: (key: String, remedy: String)? { nil }
    public var teacherPasses: Int { 0 }
    public func measuring(_ costs: SubnetCosts, steps: Int, batch: Int, heldOut: Int) -> Double { 0 }
    public func check(in space: SearchSpace) throws(RunError) {}

    /// The most subnets that a pass trains, of so many shards.
    public func subnets(ofShards shards: Int) -> Int { drawsForShards ? shards : 1 }
}

/// The samplers by their kinds: a new one is a file beside this and a line here.
enum Samplers {
    /// A kind, and how its keys are read.
    struct Entry: Sendable {
        let kind: String
        let read: @Sendable (SectionReader, Surroundings) -> any SamplerSettings
    }

    /// What keys and their defaults depend on besides.
    struct Surroundings: Sendable {
        /// Steps of the training, and examples of each.
        let steps: Int, batch: Int
        /// What a worker that trains can measure.
        var metrics: [Metric] = []
    }

    static let all = [
        Entry(kind: "uniform") { _, _ in UniformSettings() },
        Entry(kind: "multi") { reader, _ in MultiSettings(reader) },
        Entry(kind: "sandwich") { reader, _ in SandwichSettings(reader) },
        Entry(kind: "shrinking") { reader, _ in ShrinkingSettings(reader) },
        Entry(kind: "shift") { ShiftSettings($0, $1) },
    ]

    static let usual = "multi"
    /// Of a training by a worker, which need not know of shards.
    static let usualOfWorkers = "sandwich"
}

/// A sampler of some kind with its settings.
public struct SamplerChoice: Sendable, Hashable {
    /// The settings.
    public let settings: any SamplerSettings

    /// Takes the settings of a kind.
    public init(_ settings: any SamplerSettings) { self.settings = settings }

    init(_ reader: SectionReader, _ surroundings: Samplers.Surroundings, default usual: String = Samplers.usual) {
        reader.describe([
            "kind": "who says which subnets a step trains; the other keys follow from it"
        ])
        let word = reader.word("kind", among: Samplers.all.map(\.kind), default: usual)
        let entry = Samplers.all.first { $0.kind == word }
        settings = entry?.read(reader, surroundings) ?? Self.alone.settings
        if entry == nil || reader.position(of: "kind").overrideKey != nil {
            // An override of the kind alone leaves the settings of the file's kind behind, which is no mistake.
            for other in Samplers.all where other.kind != word { _ = other.read(reader, surroundings) }
        }
        reader.finish()
    }

    /// The sampler of a network that is trained alone, where there is nothing to choose.
    static let alone = SamplerChoice(UniformSettings())

    /// The kind as run files name it.
    public var kind: String { settings.kind }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("train.sampler.kind", plain: kind)
        for (key, value) in settings.resolvedKeys { resolved.add("train.sampler.\(key)", plain: value) }
    }

    public static func == (left: SamplerChoice, right: SamplerChoice) -> Bool {
        AnyHashable(left.settings) == AnyHashable(right.settings)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}

extension CostBins {
    /// The bins that a run's draws are told in.
    public init(_ space: SearchSpace, of sampler: SamplerChoice) {
        let bins = sampler.settings.bins
        self.init(space, count: bins.count, metric: bins.metric)
    }
}
