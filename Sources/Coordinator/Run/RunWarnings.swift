public import Store

/// What a run's manifest keeps of the check of its data.
public enum RunWarnings {
    /// The warnings that a run began with; none before it began, and nil where an earlier version began it and did not look.
    public static func read(_ run: RunID, in directory: DataDirectory) -> [String]? {
        guard let manifest = Manifest(folder: directory.runDirectory(run)) else { return [] }
        return manifest.warnings
    }
}
