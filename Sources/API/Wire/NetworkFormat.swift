/// The formats in which a network leaves.
public enum NetworkFormat: String, Sendable, CaseIterable {
    /// As nasd keeps it: it can be measured again, and trained on where its norms are kept.
    case safetensors
    /// A graph that other runtimes compute.
    case onnx

    /// What the names of its files end with.
    public var pathExtension: String { rawValue }
}

/// What a network is asked for as.
public struct NetworkFileRequest: Sendable {
    /// The format of the file.
    public let format: NetworkFormat
    /// Whether the file normalises what it reads.
    public let normalizes: Bool

    /// Creates a request.
    public init(format: NetworkFormat = .safetensors, normalizes: Bool = false) {
        self.format = format
        self.normalizes = normalizes
    }

    /// The names of the parameters that ask for it.
    public static let formatKey = "format", normalizeKey = "normalize"

    /// The parameters; none for what comes unasked.
    var query: [(String, String?)] {
        [
            (Self.formatKey, format == .safetensors ? nil : format.rawValue),
            (Self.normalizeKey, normalizes ? "true" : nil),
        ]
    }
}
