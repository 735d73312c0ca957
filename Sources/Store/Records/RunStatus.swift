/// A run with its counts; costs the same for ten candidates as for a million.
public struct RunStatus: Sendable, Hashable {
    /// The run.
    public let run: RunRow
    /// How many candidates were asked for.
    public let candidates: Int
    /// The sequence number of the newest event.
    public let lastEvent: Int
    /// The newest round, when there is one.
    public let round: Int?
    /// The evaluations of the newest round.
    public let evaluations: Int
    /// The hypervolume of the newest round, when known.
    public let hypervolume: Double?
}
