/// `GET /v1/runs/{id}/training`: loss, learning rate and speed over the steps.
public struct TrainingDocument: Codable, Sendable, Hashable {
    /// What is kept of a step.
    public struct Record: Codable, Sendable, Hashable {
        /// Steps done.
        public var step: Int
        /// Mean loss of the step's passes.
        public var loss: Double
        /// The learning rate of the step.
        public var learningRate: Double
        /// Steps a second since the record before, searching left out.
        public var stepsPerSecond: Double
        /// Seconds of computing since the run began, searching included, stops left out.
        public var elapsedSeconds: Double

        /// Creates a record.
        public init(
            step: Int, loss: Double, learningRate: Double, stepsPerSecond: Double, elapsedSeconds: Double
        ) {
            self.step = step
            self.loss = loss
            self.learningRate = learningRate
            self.stepsPerSecond = stepsPerSecond
            self.elapsedSeconds = elapsedSeconds
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `TrainingRecords`.
    public var kind = "TrainingRecords"
    /// The run's id.
    public var run: String
    /// Steps between two records.
    public var recordEvery: Int
    /// The records, in the order of their steps.
    public var records: [Record]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a document.
    public init(run: String, recordEvery: Int, records: [Record], next: String? = nil) {
        self.run = run
        self.recordEvery = recordEvery
        self.records = records
        self.next = next
    }
}

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
    /// What architectures in the middle of each bin of `draws` cost; nil where nothing is trained.
    public var bins: [Double]?
    /// The cost of the bins, such as `multiplyAdds`; nil with them.
    public var binMetric: String?

    /// Creates a document.
    public init(
        run: String, sampler: String, statistics: [Statistic], next: String? = nil, bins: [Double]? = nil,
        binMetric: String? = nil
    ) {
        self.run = run
        self.sampler = sampler
        self.statistics = statistics
        self.next = next
        self.bins = bins
        self.binMetric = binMetric
    }
}
