internal import SearchSpaces
public import Supernets
public import Tensors

/// Weights that a training begins with in place of drawn ones: those of a checkpoint of any run of the space, or of a network that
/// was cut out of one.
///
/// A network fills the slices of its architecture, the leading rows and columns; all other parameters begin as drawn.
public struct StartWeights {
    private enum Contents {
        case checkpoint(CheckpointFile)
        case network(ExtractedModel)
        case values(FloatBuffer)
    }

    private let contents: Contents

    /// Reads a file.
    ///
    /// - Throws: `TensorFileError`, or `TrainingError.foreignCheckpoint` for the weights of another space.
    public init(file: String, for supernet: any Supernet) throws {
        let space: String
        if try SafetensorsReader(file: file).metadata[CheckpointFile.metadataKey] != nil {
            let checkpoint = try CheckpointFile(file)
            contents = .checkpoint(checkpoint)
            space = checkpoint.header.fingerprints.space
        } else {
            let network = try ExtractedModel(file: file)
            contents = .network(network)
            space = network.space.fingerprint
            guard network.description.isFolded != true else {
                throw TensorFileError.foreign(
                    file: file,
                    reason: "its norms are folded into its weights; begin from one that nasd extract --keep-norms wrote"
                )
            }
            guard supernet.mixture == nil else {
                throw TensorFileError.foreign(
                    file: file, reason: "a network has no experts; begin from a checkpoint of the mixture")
            }
        }
        guard space == supernet.space.fingerprint else {
            throw TrainingError.foreignCheckpoint(
                file: file, what: "space", expected: supernet.space.fingerprint, found: space)
        }
    }

    /// Takes parameters in the layout of the network that is trained.
    public init(_ values: FloatBuffer) { contents = .values(values) }

    /// Puts the weights in their places; others stay.
    ///
    /// - Parameter values: Parameters of the supernet, in its trained layout.
    /// - Throws: `TrainingError.damagedCheckpoint`, or `TensorFileError.mismatch`.
    public func copy(to values: FloatBuffer, of supernet: any Supernet, on kernels: any Backend) throws {
        switch contents {
        case .checkpoint(let checkpoint): try checkpoint.readWeights(of: supernet, into: values)
        case .network(let network): network.copy(to: values, of: supernet, on: kernels)
        case .values(let given): kernels.copy(given.whole, to: values.whole)
        }
    }
}
