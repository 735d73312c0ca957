internal import Foundation
public import SearchSpaces

/// What a network file says of its network: enough to rebuild it in any framework and to repeat its measurements.
public struct ModelDescription: Sendable, Equatable, Codable {
    /// A size of a network, or one for each of its blocks, or what else it takes to compute it.
    public enum Sizes: Sendable, Equatable, Codable {
        /// One of the network.
        case one(Int)
        /// One for each block or dimension.
        case list([Int])
        /// What is no whole number.
        case number(Double)
        /// Names, such as those of activations.
        case words([String])

        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int.self) {
                self = .one(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let values = try? container.decode([Int].self) {
                self = .list(values)
            } else {
                self = .words(try container.decode([String].self))
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let value): try container.encode(value)
            case .list(let values): try container.encode(values)
            case .number(let value): try container.encode(value)
            case .words(let values): try container.encode(values)
            }
        }
    }

    /// How pixels are normalised: (value - mean) / deviation, per channel; bytes count as value / 255. What `table` says of
    /// numbers is rounded to 32 bits here.
    public struct Scaling: Sendable, Equatable, Codable {
        /// Mean of each channel.
        public let mean: [Float]
        /// Deviation of each channel.
        public let deviation: [Float]

        /// Creates a scaling.
        public init(mean: [Float], deviation: [Float]) {
            self.mean = mean
            self.deviation = deviation
        }
    }

    /// The word of network files of images.
    public static let format = "nasd-model/2"
    /// The word of files of tables, which say how rows become inputs; numbers may have 64 bits.
    public static let formatWithTable = "nasd-model/3"
    /// The word of files without a digest, as earlier versions wrote them.
    public static let formatWithoutDigest = "nasd-model/1"
    /// The words of all files that are read.
    static let formats = [formatWithoutDigest, format, formatWithTable]

    /// ``format``, ``formatWithTable`` or ``formatWithoutDigest``.
    public let format: String
    /// The architecture in words, as in results.csv.
    public let genome: String
    /// The architecture's key, as in results.csv.
    public let key: String
    /// The family of the network.
    public let family: String
    /// The sizes.
    public let architecture: [String: Sizes]
    /// Trainable scalars.
    public let params: Int
    /// Multiply-adds of one forward pass of one example.
    public let multiplyAdds: Int
    /// The normalisation of its inputs.
    public let normalization: Scaling
    /// How its outputs are read where they are numbers: output * deviation + mean, for each; nil where they tell classes.
    public let targets: Scaling?
    /// How the rows of a table become inputs and outputs; nil for images, in files of earlier versions, and where that would be too
    /// much for a file.
    public let table: TableDescription?
    /// Names of the classes in the order of its outputs; nil where nobody named them, and for tables, which have them in `table`.
    public let classes: [String]?
    /// What it has learned; nil for what networks of the space usually learn.
    public let task: String?
    /// Whether the norms are folded into the layers before them, which then have a bias each; nil where they are not, or cannot
    /// be.
    public internal(set) var isFolded: Bool?
    /// What was measured, such as `testAccuracy`; before norms were folded.
    public let measured: [String: Double]
    /// The section `data` of the run file, as YAML.
    public let data: String
    /// The space file, as YAML.
    public let space: String
    /// The digest of all that is above and of the parameters; nil in files of earlier versions.
    public internal(set) var digest: String?

    /// Describes a genome of a space.
    public init(
        of genome: Genome, in network: any Supernet, normalization: Scaling, targets: Scaling? = nil,
        table: TableDescription? = nil, classes: [String]? = nil, task: String? = nil,
        measured: [String: Double], data: String
    ) {
        let space = network.space
        let cost = space.cost(of: genome)
        self.table = table.flatMap { $0.isStored ? $0 : nil }
        format = table == nil ? Self.format : Self.formatWithTable
        self.genome = space.text(of: genome)
        key = space.key(of: genome)
        family = space.familyName
        architecture = network.sizes(of: genome)
        params = cost.params
        multiplyAdds = cost.multiplyAdds
        self.normalization = normalization
        self.targets = targets
        self.classes = classes
        self.task = task
        self.measured = measured
        self.data = data
        self.space = space.resolvedYAML
        isFolded = nil
        digest = nil
    }

    /// As JSON with sorted keys.
    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A description holds texts, whole numbers and finite numbers, which always encode.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
