/// How the rows of a table become inputs and outputs of a network: with the texts that stand for what is missing, which are
/// in the network's data, all that it takes to use the network on other rows.
///
/// The inputs are those of the columns one after another. A column of numbers has (value - mean) / deviation, 0 where the
/// value is missing; a column of texts has 1 for the value's own category and 0 for the others, 0 in all for a text that is
/// none of them. Where a column has an input for what is missing, it is the column's last: 1 where the value is missing.
public struct TableDescription: Sendable, Equatable, Codable {
    /// A column of inputs, or a target that is a number.
    public struct Column: Sendable, Equatable, Codable {
        /// The name in the header, or c1, c2 and so on.
        public let name: String
        /// The mean of numbers; nil for texts.
        public let mean: Double?
        /// The deviation of numbers; nil for texts.
        public let deviation: Double?
        /// The bits that a number, the mean and the deviation are rounded to before they are computed with; nil for texts.
        public let valueBits: Int?
        /// The texts in the order of their inputs; nil for numbers.
        public let categories: [String]?
        /// Whether an input says that the value is missing; nil for targets.
        public let missing: Bool?

        /// Takes what is known.
        public init(
            name: String, mean: Double? = nil, deviation: Double? = nil, valueBits: Int? = nil,
            categories: [String]? = nil, missing: Bool? = nil
        ) {
            self.name = name
            self.mean = mean
            self.deviation = deviation
            self.valueBits = valueBits
            self.categories = categories
            self.missing = missing
        }
    }

    /// The columns in the order of their inputs.
    public let inputs: [Column]
    /// The column that has the class; nil where numbers are told.
    public let target: String?
    /// The classes in the order of the outputs; nil where numbers are told.
    public let classes: [String]?
    /// The numbers in the order of the outputs, each output * deviation + mean; nil where classes are told.
    public let targets: [Column]?

    /// Describes a network that tells classes.
    public init(inputs: [Column], target: String, classes: [String]) {
        self.inputs = inputs
        self.target = target
        self.classes = classes
        targets = nil
    }

    /// Describes a network that tells numbers.
    public init(inputs: [Column], targets: [Column]) {
        self.inputs = inputs
        self.targets = targets
        target = nil
        classes = nil
    }

    /// The most bytes of texts, and of 100 a column, that a file takes with it; the header of safetensors has an end.
    private static let mostBytes = 8 << 20

    /// Whether a network file has room for it.
    var isStored: Bool {
        let texts = (inputs + (targets ?? [])).map { [$0.name] + ($0.categories ?? []) } + [classes ?? []]
        return texts.reduce(0) { $1.reduce($0 + 100) { $0 + 8 + $1.utf8.count } } <= Self.mostBytes
    }
}
