/// The answer to `POST /v1/runs?dryRun=true`: what a submission would take. Nothing is stored.
public struct SubmissionEstimate: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `SubmissionEstimate`.
    public var kind = "SubmissionEstimate"
    /// The run's name.
    public var name: String
    /// The name of its space.
    public var space: String
    /// How many architectures the space has, in words such as `1,791,153`.
    public var architectures: String
    /// Bytes of memory at most.
    public var memoryBytes: Int
    /// Bytes of disk at most.
    public var diskBytes: Int
    /// The complete run file, every default filled, as YAML.
    public var specification: String

    /// Creates an estimate.
    public init(
        name: String, space: String, architectures: String, memoryBytes: Int, diskBytes: Int, specification: String
    ) {
        self.name = name
        self.space = space
        self.architectures = architectures
        self.memoryBytes = memoryBytes
        self.diskBytes = diskBytes
        self.specification = specification
    }
}
