/// What is wrong with a file of tensors.
public enum TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case unreadable(file: String, reason: String)
    /// The file ends before its contents do, or its header makes no sense.
    case damaged(file: String, reason: String)
    /// The file is whole but not what is wanted.
    case foreign(file: String, reason: String)
    /// A tensor is missing or of another shape.
    case mismatch(file: String, tensor: String, expected: String, found: String)

    /// Where, what and how to mend it.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason); check the path and its permissions"
        case .damaged(let file, let reason):
            "\(file): damaged: \(reason); copy or write the file again"
        case .foreign(let file, let reason):
            "\(file): \(reason); name a file that nasd wrote for this purpose"
        case .mismatch(let file, let tensor, let expected, let found):
            "\(file): tensor '\(tensor)': expected \(expected), found \(found); the file belongs to another network"
        }
    }
}
