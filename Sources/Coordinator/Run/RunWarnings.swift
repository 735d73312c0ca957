public import Store

/// What a run's manifest keeps of the check of its data.
public enum RunWarnings {
    /// The warnings that a run began with; none before it began.
    public static func read(_ run: RunID, in directory: DataDirectory) -> [String] {
        Manifest(folder: directory.runDirectory(run))?.warnings ?? []
    }
}
