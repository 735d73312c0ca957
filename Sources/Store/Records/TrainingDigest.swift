import SearchSpaces

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
