internal import Training

/// Who trains the supernet of a run, step by step: this program, or a worker.
protocol RunTrainer: AnyObject {
    /// Steps done.
    var step: Int { get }
    /// Factor of the learning rate, lowered when training had diverged.
    var rateFactor: Double { get set }
    /// Multiply-adds executed so far; nil where nobody knows.
    var multiplyAdds: Int? { get set }
    /// What decides which subnets are trained.
    var sampler: any SubnetSampler { get }
    /// The network; nil where it lives elsewhere.
    var network: TrainedWeights? { get }
    /// Whether what it has learned may become a checkpoint.
    var isFinite: Bool { get }
    /// Whether a step that is done once more comes to the same bits.
    var isRepeatable: Bool { get }
    /// Whether no step beyond ``step`` was done, so that a checkpoint can be made.
    var isWhole: Bool { get }
    /// Seconds that the last step took; nil where whoever waited for it knows.
    var lastSeconds: Double? { get }

    /// Finds out what has to be known before anything is trained or restored; false when told to stop.
    func prepare() throws -> Bool
    /// The learning rate that a step, counted from 1, has with the rate factor as it is.
    func learningRate(ofStep step: Int) -> Double
    /// Does the next step.
    ///
    /// - Parameter milestone: The next step after which a checkpoint is due.
    /// - Returns: What it came to; nil when told to stop.
    /// - Throws: `TrainingSetback` where what was trained since the last checkpoint is lost.
    func nextStep(until milestone: Int) throws -> StepResult?
    /// What the sampler did in some steps that were just done.
    func samplerStatistics(of steps: Range<Int>) -> [SamplerStatistic]

    /// Goes back to step 0; the rate factor stays.
    func restart()
    /// Takes the state of a checkpoint file.
    ///
    /// - Throws: What is wrong with the file; the state is then undefined until another is taken, or training restarts.
    func restore(from file: String, fingerprints: Fingerprints) throws -> CheckpointHeader
    /// Writes the state to a file, complete or not at all.
    func writeCheckpoint(
        to path: String, fingerprints: Fingerprints, numerics: String, search: String?, results: String?
    ) throws -> CheckpointHeader
    /// Removes what it keeps beside checkpoint files, but for those of some steps.
    func keepOnly(_ steps: Set<Int>)
}

extension RunTrainer {
    var multiplyAdds: Int? {
        get { nil }
        set {}
    }
    var network: TrainedWeights? { nil }
    func prepare() throws -> Bool { true }
    var isFinite: Bool { true }
    var isRepeatable: Bool { true }
    var isWhole: Bool { true }
    var lastSeconds: Double? { nil }
    func keepOnly(_ steps: Set<Int>) {}
}

/// This program trains.
extension Trainer: RunTrainer {
    var network: TrainedWeights? { trained }

    func nextStep(until milestone: Int) throws -> StepResult? { try trainStep() }
}
