public import SearchSpaces
public import Tensors

/// One forward and backward of a training step: which subnet, and what it is to minimise.
public struct Pass: Sendable {
    /// The subnet.
    public let genome: Genome
    /// The loss of its logits.
    public let loss: CrossEntropy
    /// Whether its logits teach the passes that follow in the step.
    public let isTeacher: Bool
    /// Whether it runs at full width under the genome's masks, which then have a gradient.
    public let isMasked: Bool

    /// Creates a pass.
    public init(genome: Genome, loss: CrossEntropy = CrossEntropy(), isTeacher: Bool = false, isMasked: Bool = false) {
        self.genome = genome
        self.loss = loss
        self.isTeacher = isTeacher
        self.isMasked = isMasked
    }
}
