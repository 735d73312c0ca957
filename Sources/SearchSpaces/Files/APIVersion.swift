/// The versions of the file format.
enum APIVersion: String, CaseIterable {
    case v1 = "nasd/v1"
}

/// What a space file calls itself.
enum SpaceFileKind: String, CaseIterable {
    case searchSpace = "SearchSpace"
}

/// What a run file calls itself.
enum RunFileKind: String, CaseIterable {
    case run = "Run"
}
