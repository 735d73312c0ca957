package import Documents

/// A measurable property of a candidate: what families, tasks and evaluators declare, and all that the rest of the house
/// knows of a number.
///
/// A metric is its name: two of one name are equal, whatever else is said of them.
public struct Metric: Sendable, Hashable, CustomStringConvertible {
    /// Where a metric's value comes from.
    public enum Kind: String, Sendable, Hashable {
        /// Exact, from the genome alone; a whole number, and in most spaces one that no option makes smaller.
        case cost
        /// Measured on data.
        case quality
        /// A duration on some device.
        case latency
    }

    /// The direction in which a metric is better.
    public enum Goal: String, Sendable, Hashable, CaseIterable {
        /// Larger is better.
        case maximize
        /// Smaller is better.
        case minimize
    }

    /// How the parts of a network add up to its cost.
    public enum Accumulation: Sendable, Hashable {
        /// Their sum.
        case sum
        /// Their greatest.
        case peak
    }

    /// The word in files and tables: a letter, then letters and digits, camel case, its unit included where it has one.
    public let name: String
    /// The unit, such as `bytes`; empty for a plain number.
    public let unit: String
    /// Where its value comes from.
    public let kind: Kind
    /// The direction that is usual for it.
    public let goal: Goal
    /// The values that it can have.
    public let range: ClosedRange<Double>
    /// How a cost adds up over a network's parts.
    public let accumulation: Accumulation

    /// Declares a metric.
    public init(
        name: String, unit: String = "", kind: Kind, goal: Goal, range: ClosedRange<Double>,
        accumulation: Accumulation = .sum
    ) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.goal = goal
        self.range = range
        self.accumulation = accumulation
    }

    /// Whether the names are the same.
    public static func == (left: Metric, right: Metric) -> Bool { left.name == right.name }

    /// Mixes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The name.
    public var description: String { name }

    /// The name as the end of a longer one: `testRmse` behind `test`.
    public func name(behind prefix: String) -> String { prefix + name.prefix(1).uppercased() + name.dropFirst() }

    /// What tables of candidates say beside metrics: words that name none.
    public static let reservedNames = [
        "candidate", "key", "genome", "origin", "round", "weightsStep", "state", "feasible", "violation", "samples",
        "latencyKind", "onFront", "measured", "metrics",
    ]

    /// Whether a word can name a metric.
    public static func isName(_ word: String) -> Bool {
        guard let first = word.utf8.first, word.utf8.count <= 64, !reservedNames.contains(word) else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z"), capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return letters.contains(first)
            && word.utf8.allSatisfy {
                letters.contains($0) || capitals.contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}

extension SectionReader {
    /// Whether a key can be the name of a metric that a user declares; reported where it cannot. What is stored has been asked
    /// before.
    package func declaresMetric(_ name: String) -> Bool {
        guard Metric.isName(name) else {
            report(
                "expected a name of letters and digits, beginning with a small letter, and none of "
                    + "\(Metric.reservedNames.joined(separator: ", ")), found '\(name.prefix(80))'", key: name)
            return false
        }
        let stage = MeasurementStage(ofName: name)
        guard stage == .search || collector.origin == .store else {
            report(
                "expected the metric itself, found '\(name)', its name for finalists", key: name,
                hint: "declare the metric; a table has its values of finalists below evaluator.\(stage.rawValue)")
            return false
        }
        return true
    }
}

extension Metric {
    /// Trainable scalars.
    public static let params = Metric(cost: "params", unit: "scalars")
    /// Multiply-adds of one forward pass of one example.
    public static let multiplyAdds = Metric(cost: "multiplyAdds", unit: "operations")
    /// The most bytes of activations that are live at a time in a forward pass of one example: over all layers, inputs,
    /// outputs and the residual that waits beside them, of 4 bytes a value. Norms, activations and biases work in place.
    ///
    /// Source: Lin et al., "MCUNet: Tiny Deep Learning on IoT Devices" (NeurIPS 2020), the memory model of TinyNAS.
    public static let activationBytes = Metric(cost: "activationBytes", unit: "bytes", accumulation: .peak)
    /// Milliseconds of one forward pass of one example on some device.
    public static let latencyMilliseconds = Metric(
        name: "latencyMilliseconds", unit: "milliseconds", kind: .latency, goal: .minimize,
        range: 0...Double.greatestFiniteMagnitude)

    /// Declares a cost.
    public init(cost name: String, unit: String, accumulation: Accumulation = .sum) {
        self.init(
            name: name, unit: unit, kind: .cost, goal: .minimize, range: 0...Double.greatestFiniteMagnitude,
            accumulation: accumulation)
    }
}

/// The part of the data on which a quality is measured, and so the name under which its value is kept.
public enum MeasurementStage: String, Sendable, Hashable, CaseIterable {
    /// The prefix of the validation part that a search measures every candidate on.
    case search
    /// All of the validation part, for finalists.
    case validation
    /// All of the validation part, for finalists whose weights were trained further.
    case tuned
    /// All of the validation part, for finalists that were trained alone.
    case retrained
    /// The test part, once, for finalists.
    case test

    /// The stages that an evaluator may know of a genome by itself.
    public static let ofEvaluators: [MeasurementStage] = [.search, .validation, .test]
    /// The stages whose values tell which network of a finalist is better, those with the weights of the supernet first.
    public static let ofNetworks: [MeasurementStage] = [.validation, .tuned, .retrained]

    /// The name of a metric's value of this stage: `rmse`, `validationRmse`, `testRmse`.
    public func name(of metric: Metric) -> String {
        self == .search ? metric.name : metric.name(behind: rawValue)
    }

    /// The stage that a name tells, of those that evaluators know.
    public init(ofName name: String) {
        self =
            [.validation, .test].first { stage in
                name.hasPrefix(stage.rawValue) && name.dropFirst(stage.rawValue.count).first?.isUppercase ?? false
            } ?? .search
    }
}
