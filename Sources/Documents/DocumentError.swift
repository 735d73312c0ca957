/// An error about something that a user brought: it says what is wrong, where, and how to mend it.
public protocol UserInputError: Error, CustomStringConvertible {
    /// Whether what was named does not exist.
    var isNotFound: Bool { get }
    /// Whether the text begins with the place of the fault.
    var beginsWithPlace: Bool { get }
}

extension UserInputError {
    public var isNotFound: Bool { false }
    public var beginsWithPlace: Bool { true }
}

/// What goes wrong when a document is read.
public enum DocumentError: UserInputError, Hashable {
    /// A file breaks its rules; every fault found is listed, in file order.
    case invalidFile(file: String, faults: [FileFault])
    /// A file cannot be read.
    case unreadableFile(file: String, reason: String)

    /// The error in words, one line for each fault.
    public var description: String {
        switch self {
        case .invalidFile(let file, let faults): faults.map { $0.text(file: file) }.joined(separator: "\n")
        case .unreadableFile(let file, let reason): "\(file): \(reason)"
        }
    }
}

/// The versions of the file format.
package enum APIVersion: String, CaseIterable {
    case v1 = "nasd/v1"
}

/// What a document calls itself.
package enum DocumentKind: String, CaseIterable {
    case searchSpace = "SearchSpace"
    case run = "Run"
}
