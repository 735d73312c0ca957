/// Why a network does not leave in a format.
public enum ExportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Networks of the family are not written in the format.
    case unsupported(family: String, format: String)
    /// The file does not say how its inputs are normalised.
    case noScaling(reason: String)
    /// It is more than the format holds.
    case tooLarge(format: String, bytes: Int, most: Int)
    /// What was written is not what is computed here.
    case differs(format: String, example: Int, difference: Float, allowed: Float)
    /// What was written cannot be computed.
    case broken(format: String, reason: String)

    /// Whether it is a fault of this program, and not of what it was asked for.
    public var isFault: Bool {
        switch self {
        case .differs, .broken: true
        default: false
        }
    }

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .unsupported(let family, let format):
            "this version writes no networks of the family \(family) as \(format); take the format safetensors"
        case .noScaling(let reason):
            "the network's normalisation cannot be part of the file: \(reason); leave it out, and normalise what it reads"
        case .tooLarge(let format, let bytes, let most):
            "the network takes \(bytes) bytes as \(format), which holds \(most); take a smaller network or the format safetensors"
        case .differs(let format, let example, let difference, let allowed):
            "the network as \(format) answers otherwise than here: by \(difference) on example \(example), where \(allowed) is "
                + "allowed; nothing was written. This is a fault of nasd, please report it"
        case .broken(let format, let reason):
            "the network as \(format) cannot be computed: \(reason); nothing was written. This is a fault of nasd, please report it"
        }
    }
}
