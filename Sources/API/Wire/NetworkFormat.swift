/// The formats in which a network leaves.
public enum NetworkFormat: String, Sendable, CaseIterable {
    /// As nasd keeps it: it can be measured again, and trained on where its norms are kept.
    case safetensors
    /// A graph that other runtimes compute.
    case onnx
    /// A file of C99 and its header, in one archive: they belong together.
    case c

    /// What the names of its files end with.
    public var pathExtension: String { rawValue }
    /// What the names of what is sent end with.
    public var sentExtension: String { self == .c ? "tar" : rawValue }
}

/// What a network is asked for as.
public struct NetworkFileRequest: Sendable {
    /// The format of the file.
    public let format: NetworkFormat
    /// Whether the file normalises what it reads.
    public let normalizes: Bool
    /// Whether a file of C keeps weights as whole numbers of 8 bits.
    public let roundsWeights: Bool
    /// What a file of C and its function are called; nil for what the candidate or the budget is called.
    public let name: String?

    /// Creates a request.
    public init(
        format: NetworkFormat = .safetensors, normalizes: Bool = false, roundsWeights: Bool = false, name: String? = nil
    ) {
        self.format = format
        self.normalizes = normalizes
        self.roundsWeights = roundsWeights
        self.name = name
    }

    /// The names of the parameters that ask for it.
    public static let formatKey = "format", normalizeKey = "normalize", weightsKey = "weights", nameKey = "name"
    /// How weights may be kept in a file of C, the usual way first.
    public static let weights = ["float32", "int8"]

    /// The parameters; none for what comes unasked.
    var query: [(String, String?)] {
        [
            (Self.formatKey, format == .safetensors ? nil : format.rawValue),
            (Self.normalizeKey, normalizes ? "true" : nil), (Self.weightsKey, roundsWeights ? Self.weights[1] : nil),
            (Self.nameKey, name),
        ]
    }
}
