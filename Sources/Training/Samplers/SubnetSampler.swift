public import SearchSpaces

/// Decides which subnets a training step trains.
///
/// A function of the step and of state that a checkpoint holds, so that a resumed run draws what it would have drawn.
public protocol SubnetSampler {
    /// The subnets of a step, in the order in which they are trained; a teacher comes first.
    func genomes(step: Int) -> [Genome]
}
