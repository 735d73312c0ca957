public import SearchSpaces

extension SearchSpaceError {
    /// The exit code that the error ends either program with.
    public var exitStatus: ExitStatus {
        switch self {
        case .spaceNotFound: .notFound
        case .invalidFile, .unreadableFile, .ambiguousSpace, .unfitData, .invalidGenome, .invalidBudget: .usage
        }
    }
}
