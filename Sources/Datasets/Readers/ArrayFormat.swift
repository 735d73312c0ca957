/// The formats whose files hold one array each, with a header that says which.
public enum ArrayFormat: Sendable, Equatable {
    /// The format of MNIST and its kin.
    case idx
    /// What `numpy.save` writes.
    case npy

    /// What errors call a file of the format.
    var name: String {
        switch self {
        case .idx: "an IDX file"
        case .npy: "a NumPy array (.npy)"
        }
    }

    /// Reads the header and leaves the stream at the first value.
    ///
    /// - Parameter rank: The dimensions that are usual for what is wanted, which errors name.
    /// - Throws: `DatasetError`; where the file is of a known format, `otherFormat` with what to do.
    func header(_ stream: ByteStream, of file: DataFile, rank: Int) throws -> ArrayHeader {
        do {
            switch self {
            case .idx: return try IDXHeader.read(stream, rank: rank)
            case .npy: return try NPYHeader.read(stream)
            }
        } catch let error as DatasetError {
            switch error {
            case .wrongMagic, .truncated, .tooLarge: throw ContentKind.explain(error, file, expected: name)
            default: throw error
            }
        }
    }
}
