public import SearchSpaces

extension SearchSpaceError {
    /// The exit code that the error ends either program with.
    public var exitStatus: ExitStatus {
        switch self {
        case .spaceNotFound: .notFound
        case .invalidFile, .unreadableFile, .ambiguousSpace, .unfitData, .unsatisfiable, .contradicting, .invalidGenome,
            .invalidBudget:
            .usage
        }
    }

    /// The error as either program prints it.
    public var line: String {
        switch self {
        case .ambiguousSpace, .unsatisfiable, .contradicting: "error: \(self)"
        // These begin with a place.
        case .invalidFile, .unreadableFile, .spaceNotFound, .unfitData, .invalidGenome, .invalidBudget: "\(self)"
        }
    }
}
