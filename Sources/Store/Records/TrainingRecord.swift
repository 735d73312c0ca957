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
