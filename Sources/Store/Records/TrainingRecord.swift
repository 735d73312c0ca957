import SearchSpaces

/// What is kept of a training step: loss and learning rate, which are the same whenever the step is done again, and how
/// fast it went, which is not.
public struct TrainingRecord: Sendable, Hashable {
    /// Steps done.
    public var step: Int
    /// Mean loss of the step's passes over its batch.
    public var loss: Double
    /// The learning rate of the step, lowered where training had diverged.
    public var learningRate: Double
    /// Steps a second since the record before, searching left out.
    public var stepsPerSecond: Double
    /// Seconds of computing since the run began, searching included, stops left out.
    public var elapsedSeconds: Double

    /// Creates a record of finite numbers.
    public init(step: Int, loss: Double, learningRate: Double, stepsPerSecond: Double, elapsedSeconds: Double) {
        self.step = step
        self.loss = loss
        self.learningRate = learningRate
        self.stepsPerSecond = stepsPerSecond
        self.elapsedSeconds = elapsedSeconds
    }
}

/// Digests of a run's training records, in whole words: there may be one for each step.
struct TrainingDigest {
    let run: RunID
    private let base: StableHash

    init(_ run: RunID) {
        self.run = run
        var base = StableHash()
        base.combine(run.text)
        self.base = base
    }

    /// Over all columns: a bit that a disk or a memory has turned is noticed when the row is read.
    func ofRow(_ record: TrainingRecord) -> Int64 {
        word(
            of: (
                UInt64(bitPattern: Int64(record.step)), record.loss.bitPattern, record.learningRate.bitPattern,
                record.stepsPerSecond.bitPattern, record.elapsedSeconds.bitPattern
            ))
    }

    /// Over what is the same whenever the step is done, which a checkpoint counts on.
    func ofTraining(_ record: TrainingRecord) -> Int64 {
        word(
            of: (
                UInt64(bitPattern: Int64(record.step)), record.loss.bitPattern, record.learningRate.bitPattern
            ))
    }

    private func word<Numbers: BitwiseCopyable>(of numbers: Numbers) -> Int64 {
        var hash = base
        withUnsafeBytes(of: numbers) { hash.combine(words: $0) }
        return hash.word
    }
}

/// One number about the sampler at a step, such as how often an option was drawn.
public struct SamplerStatistic: Sendable, Hashable {
    /// The training step.
    public var step: Int
    /// What is counted, such as `block.2.heads`.
    public var name: String
    /// Which bin of it, from 0.
    public var bin: Int
    /// The finite value.
    public var value: Double

    /// Creates a number.
    public init(step: Int, name: String, bin: Int, value: Double) {
        self.step = step
        self.name = name
        self.bin = bin
        self.value = value
    }
}

/// A checkpoint file that was written completely.
public struct CheckpointRecord: Sendable, Hashable {
    /// The training step.
    public var step: Int
    /// The file's name in the run's checkpoint folder.
    public var file: String
    /// The digest of its content.
    public var digest: String

    /// Creates a record.
    public init(step: Int, file: String, digest: String) {
        self.step = step
        self.file = file
        self.digest = digest
    }
}

extension [SamplerStatistic] {
    /// What architectures in the middle of each bin have, as it was told last, where a worker had to measure it; otherwise empty.
    public var binTargets: [Double] {
        let all = filter { $0.name == "binTarget" }
        return all.filter { $0.step == all.last?.step }.sorted { $0.bin < $1.bin }.map(\.value)
    }
}
