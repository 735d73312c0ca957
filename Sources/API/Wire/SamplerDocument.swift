/// `GET /v1/runs/{id}/sampler`: numbers about the sampler over time.
public struct SamplerDocument: Codable, Sendable, Hashable {
    /// One number.
    public struct Statistic: Codable, Sendable, Hashable {
        /// The training step.
        public var step: Int
        /// What is counted, such as `block.2.heads`.
        public var name: String
        /// Which bin of it, from 0.
        public var bin: Int
        /// The value.
        public var value: Double

        /// Creates a number.
        public init(step: Int, name: String, bin: Int, value: Double) {
            self.step = step
            self.name = name
            self.bin = bin
            self.value = value
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `SamplerStatistics`.
    public var kind = "SamplerStatistics"
    /// The run's id.
    public var run: String
    /// How subnets are drawn, such as `sandwich`.
    public var sampler: String
    /// The numbers, in the order of step, name and bin.
    public var statistics: [Statistic]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a document.
    public init(run: String, sampler: String, statistics: [Statistic], next: String? = nil) {
        self.run = run
        self.sampler = sampler
        self.statistics = statistics
        self.next = next
    }
}
