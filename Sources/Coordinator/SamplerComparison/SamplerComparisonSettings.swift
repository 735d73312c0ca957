/// What a comparison of samplers does.
public struct SamplerComparisonSettings: Sendable, Equatable {
    /// Multiply-adds that each training of an arm may execute.
    public let multiplyAdds: Int
    /// Trainings of each arm, of seeds 1 up to this.
    public let seeds: Int
    /// Rates to choose from; none for that of the run file or the arm.
    public let rates: [Double]
    /// Batches to choose from; none for that of the run file or the arm.
    public let batches: [Int]
    /// Share of the multiply-adds that a trial may execute, above 0 and at most 1.
    public let trialShare: Double
    /// Training examples that trials are measured on instead of training on them; nil for as many as validate, or a fifth of
    /// those that train if that is less.
    public let trialExamples: Int?
    /// Bins of multiply-adds.
    public let bins: Int
    /// Subnets that are drawn of each bin.
    public let perBin: Int

    /// Trials of an arm at most.
    public static let mostTrials = 6

    /// Takes the settings.
    ///
    /// - Throws: ``SamplerComparisonError/invalidSettings(reason:)``.
    public init(
        multiplyAdds: Int, seeds: Int = 5, rates: [Double] = [], batches: [Int] = [], trialShare: Double = 0.25,
        trialExamples: Int? = nil, bins: Int = 6, perBin: Int = 6
    ) throws(SamplerComparisonError) {
        func check(_ isGood: Bool, _ expected: String) throws(SamplerComparisonError) {
            if !isGood { throw .invalidSettings(reason: "expected \(expected)") }
        }
        try check(multiplyAdds >= 1, "--multiply-adds of at least 1, such as 4T")
        try check((1...1000).contains(seeds), "--seeds from 1 to 1000")
        try check(rates.allSatisfy { $0 > 0 && $0 <= 1000 }, "--rates above 0 and at most 1000")
        try check(batches.allSatisfy { (1...1_000_000).contains($0) }, "--batches from 1 to 1000000")
        try check(
            Set(rates).count == rates.count && Set(batches).count == batches.count, "each rate and each batch once")
        try check(
            max(1, rates.count) * max(1, batches.count) <= Self.mostTrials,
            "at most \(Self.mostTrials) pairs of --rates and --batches")
        try check(trialShare > 0 && trialShare <= 1, "--trial-share above 0 and at most 1")
        try check(trialExamples ?? 1 >= 1, "--trial-examples of at least 1")
        try check(
            (1...256).contains(bins) && (1...1000).contains(perBin), "--bins from 1 to 256 and --per-bin from 1 to 1000"
        )
        self.multiplyAdds = multiplyAdds
        self.seeds = seeds
        self.rates = rates
        self.batches = batches
        self.trialShare = trialShare
        self.trialExamples = trialExamples
        self.bins = bins
        self.perBin = perBin
    }

    /// The recipes that trials try, in order.
    var recipes: [SamplerRecipe] {
        let rates = rates.isEmpty ? [nil] : rates.map(Optional.some)
        let batches = batches.isEmpty ? [nil] : batches.map(Optional.some)
        return batches.flatMap { batch in rates.map { SamplerRecipe(rate: $0, batch: batch) } }
    }

    /// Multiply-adds of a trial.
    var trialMultiplyAdds: Int { max(1, Int(Double(multiplyAdds) * trialShare)) }
}

/// The rate and the batch that an arm is trained with; nil for those of the arm or the run file.
public struct SamplerRecipe: Sendable, Hashable, Codable {
    /// The greatest learning rate.
    public let rate: Double?
    /// Examples of a step.
    public let batch: Int?
}

/// What keeps samplers from being compared.
public enum SamplerComparisonError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A text is no arm.
    case unreadableArm(text: String, reason: String)
    /// The settings ask for nothing that can be done.
    case invalidSettings(reason: String)
    /// Subnets cannot be drawn by bins of cost.
    case noBins(space: String)
    /// Nothing is held out to measure on.
    case noValidation
    /// The training examples are too few to choose settings on some of them.
    case fewExamples(training: Int, wanted: Int)
    /// A budget is not enough for a step.
    case smallBudget(arm: String, multiplyAdds: Int)
    /// A budget is enough for more steps than a training has.
    case largeBudget(arm: String, multiplyAdds: Int, mostSteps: Int)
    /// No trial of an arm ended with finite weights.
    case noFiniteTrial(arm: String)
    /// Another process works in the folder.
    case inUse(directory: String)
    /// The file that keeps what is finished is none.
    case damagedFile(path: String)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .unreadableArm(let text, let reason):
            "--samplers: '\(text)': \(reason); write arms such as 'multi; {kind: sandwich, random: 2} "
                + "train.distillation={weight: 0.5}'"
        case .invalidSettings(let reason): reason
        case .noBins(let space):
            "the multiply-adds of the space '\(space)' add up in too many ways to draw subnets by bins of them; "
                + "compare samplers on another space"
        case .noValidation:
            "samplers are compared on validation examples, and data.holdOut.validation is 0; hold out some"
        case .fewExamples(let training, let wanted):
            "trials need \(wanted) of the \(training) training examples to choose rates and batches on, and others to train "
                + "on; give --trial-examples fewer, or name one rate and one batch"
        case .smallBudget(let arm, let budget):
            "\(budget) multiply-adds are not enough for one step of the arm '\(arm)'; give --multiply-adds or "
                + "--trial-share more, or a smaller batch"
        case .largeBudget(let arm, let budget, let steps):
            "\(budget) multiply-adds are more than \(steps) steps of the arm '\(arm)'; give --multiply-adds less"
        case .noFiniteTrial(let arm):
            "every trial of the arm '\(arm)' diverged; give --rates smaller ones"
        case .inUse(let directory): "another process compares samplers in \(directory); wait for it to end"
        case .damagedFile(let path):
            "\(path) is no comparison of samplers of this version; move it away, or choose another --output"
        }
    }
}
