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
