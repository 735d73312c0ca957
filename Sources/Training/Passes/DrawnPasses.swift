package import Runs
package import SearchSpaces

/// A pass of a training step as it is drawn, whoever executes it.
package struct DrawnPass: Sendable, Equatable {
    /// The subnet of the batch, or one for each of its shards.
    package let genomes: [Genome]
    /// Whether its outputs teach the passes that follow in the step.
    package var isTeacher = false
    /// Whether it is taught, beside its targets, by the teacher before it.
    package var isTaught = false
    /// Whether it runs at full width under masks.
    package var isMasked = false
    /// Whether it runs forward alone and trains nothing.
    package var isForward = false
}

/// Which passes each step has: what a sampler draws, and the teacher where there is one.
package struct DrawnPasses {
    private let distillation: TrainSettings.Distillation?
    private let sampler: any SubnetSampler
    /// Training steps, which decide where teaching begins.
    private let steps: Int

    package init(_ sampler: any SubnetSampler, _ distillation: TrainSettings.Distillation?, steps: Int) {
        (self.sampler, self.distillation, self.steps) = (sampler, distillation, steps)
    }

    /// The passes of a step.
    package func passes(of step: Int) -> [DrawnPass] {
        let draws = sampler.draws(step: step)
        guard isTaught(step) else { return draws.map { DrawnPass(genomes: $0.genomes, isMasked: $0.isMasked) } }
        let teacher = DrawnPass(
            genomes: [sampler.space.largest], isTeacher: true, isForward: sampler.teacher == .forward)
        return [teacher]
            + draws.dropFirst(sampler.teacher == .first ? 1 : 0).map {
                DrawnPass(genomes: $0.genomes, isTaught: true, isMasked: $0.isMasked)
            }
    }

    /// Whether a step has a teacher.
    private func isTaught(_ step: Int) -> Bool {
        guard let distillation, distillation.weight > 0, sampler.teacher != .none else { return false }
        return Double(step) >= distillation.start * Double(steps)
    }
}
