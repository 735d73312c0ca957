/// What a run's result depends on, by name: a checkpoint of other fingerprints is refused.
public struct Fingerprints: Sendable, Equatable, Codable {
    /// The meaning of the space.
    public let space: String
    /// The settings of the run.
    public let run: String
    /// The bytes of the data.
    public let data: String

    /// Creates the fingerprints of a run.
    public init(space: String, run: String, data: String) {
        self.space = space
        self.run = run
        self.data = data
    }
}
