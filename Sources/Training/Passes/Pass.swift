public import SearchSpaces

/// One forward and backward of a training step: which subnet, and what it is to minimise.
public struct Pass: Sendable {
    /// The subnet.
    public let genome: Genome
    /// What stands beside the targets of its examples.
    public let teaching: Teaching
    /// Whether its outputs teach the passes that follow in the step.
    public let isTeacher: Bool
    /// Whether it runs at full width under the genome's masks, which then have a gradient.
    public let isMasked: Bool

    /// Creates a pass.
    public init(genome: Genome, teaching: Teaching = Teaching(), isTeacher: Bool = false, isMasked: Bool = false) {
        self.genome = genome
        self.teaching = teaching
        self.isTeacher = isTeacher
        self.isMasked = isMasked
    }
}
