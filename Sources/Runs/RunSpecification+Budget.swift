internal import Documents
public import SearchSpaces

extension RunSpecification {
    /// What training may take, where the file says that in place of steps.
    public var budget: TrainBudget? { train?.budget }

    /// The most steps that a run may have.
    public static var mostSteps: Int { TrainExtent.most }

    /// Whether the budget of training is still to be turned into steps: minutes are, until the run begins on some machine.
    public var isBudgetOpen: Bool { budget != nil && steps == 0 }

    /// The run with so many steps of training, where a budget decides them.
    ///
    /// - Throws: `RunError.unfitSetting` where its settings do not go with so few.
    public func settled(steps: Int) throws(RunError) -> RunSpecification {
        var settled = self
        settled.train = try train?.settled(steps: steps)
        return settled
    }

    /// The run as it goes on from where it began: what its file leaves open as it was then, whatever defaults have become, and the
    /// steps that its budget came to.
    public func continuing(_ begun: RunSpecification) throws(RunError) -> RunSpecification {
        var open = leavingOpen(as: begun)
        if let source = supernet, let step = begun.supernet?.step { open.supernet = source.settled(step: step) }
        guard budget != nil, budget == begun.budget, !begun.isBudgetOpen else { return open }
        return try open.settled(steps: begun.steps)
    }

    /// The run as an extension of one that is over, where it is one: more steps of training or more evaluations of the last round,
    /// and nothing else. What its file leaves open stays as it was, whatever would follow from the number of steps; a warm-up that
    /// it says as a share of them grows with them.
    ///
    /// - Returns: The run with all that stays; nil where another key differs, or a number is smaller.
    public func extending(_ begun: RunSpecification) -> RunSpecification? {
        var extended = self
        if budget == nil, begun.budget == nil, let train, let other = begun.train {
            extended.train = train.leavingOpen(as: other)
        }
        guard let extended = try? extended.continuing(begun) else { return nil }
        var changed = Set(extended.decisiveDifferences(from: begun))
        if let train, let other = begun.train, train.sharesWarmup(with: other) {
            changed.remove("train.optimizer.warmup")
        }
        guard !changed.isEmpty, changed.isSubset(of: ["train.steps", "search.evaluations"]),
            extended.steps >= begun.steps, extended.search?.evaluations ?? 0 >= begun.search?.evaluations ?? 0
        else { return nil }
        return extended
    }

    private func leavingOpen(as begun: RunSpecification) -> RunSpecification {
        var open = self
        if let search, let other = begun.search { open.search = search.leavingOpen(as: other) }
        // Defaults may follow from the extent, so those of another one say nothing.
        guard let train, let other = begun.train,
            budget == begun.budget && (budget != nil || steps == begun.steps) || Self.isSameTraining(self, begun)
        else { return open }
        open.train = train.leavingOpen(as: other)
        return open
    }

    /// The run as a user would hand it in, who says steps or a budget, and a step of another run or none.
    public var asHandedIn: RunSpecification {
        var open = self
        open.train = train?.withOpenBudget
        open.supernet = supernet?.asAsked
        return open
    }

    /// The run with as many steps as its minutes have on a machine.
    ///
    /// - Parameter multiplyAddsPerSecond: What the machine executes of this training.
    /// - Throws: `RunError.unfitSetting` where not even one step is within them.
    public func settled(in space: SearchSpace, multiplyAddsPerSecond pace: Double) throws(RunError) -> RunSpecification
    {
        guard isBudgetOpen, case .minutes(let minutes)? = budget else { return self }
        return try settled(in: space, within: minutes * 60 * pace)
    }

    /// Checks that the multiply-adds of a budget come to steps that the other settings go with.
    ///
    /// - Throws: `RunError.unfitSetting`.
    func checkBudget(in space: SearchSpace) throws(RunError) {
        guard isBudgetOpen, case .multiplyAdds(let count)? = budget else { return }
        _ = try settled(in: space, within: count)
    }

    /// The run with the steps that its multiply-adds come to; the same run where they come to none.
    func withSettledBudget(in space: SearchSpace) -> RunSpecification {
        guard isBudgetOpen, case .multiplyAdds(let count)? = budget else { return self }
        return (try? settled(in: space, within: count)) ?? self
    }

    private func settled(in space: SearchSpace, within multiplyAdds: Double) throws(RunError) -> RunSpecification {
        guard let work = TrainingWork(self, in: space) else {
            throw .unfitSetting(
                key: "train.budget", reason: "the space '\(space.name)' knows no multiply-adds to count",
                remedy: "give train.steps in its place")
        }
        let steps = work.steps(within: multiplyAdds)
        guard steps > 0 else {
            throw .unfitSetting(
                key: "train.budget",
                reason: "\(budget?.text ?? "") is less than one step, which takes about "
                    + "\(Self.times(multiplyAdds, in: work.ofOneStep))",
                remedy: "give more, or lower train.batch")
        }
        guard steps < TrainExtent.most else {
            throw .unfitSetting(
                key: "train.budget",
                reason: "\(budget?.text ?? "") comes to more than the \(TrainExtent.most) steps that a run may have",
                remedy: "give less, or raise train.batch")
        }
        return try settled(steps: steps)
    }

    private static func times(_ budget: Double, in step: Double) -> String {
        let times = step / budget
        return times < 1e15 ? "\(ShortNumber.counted(times)) times as much" : "far more"
    }

    /// Two runs as they are held against each other: what follows from the number of steps counts as for the same number where
    /// budgets decide it.
    static func comparable(
        _ mine: RunSpecification, _ theirs: RunSpecification
    ) -> (mine: RunSpecification, theirs: RunSpecification) {
        func with(_ steps: Int, _ run: RunSpecification) -> RunSpecification { (try? run.settled(steps: steps)) ?? run }
        var (mine, theirs) = (mine.leavingOpen(as: theirs), theirs)
        if mine.supernet?.isNewest == true, theirs.supernet?.isNewest == true {
            (mine.supernet, theirs.supernet) = (mine.supernet?.asAsked, theirs.supernet?.asAsked)
        }
        return switch (mine.isBudgetOpen, theirs.isBudgetOpen) {
        case (true, true): (with(TrainExtent.most, mine), with(TrainExtent.most, theirs))
        case (true, false): theirs.steps > 0 ? (with(theirs.steps, mine), theirs) : (mine, theirs)
        case (false, true): mine.steps > 0 ? (mine, with(mine.steps, theirs)) : (mine, theirs)
        case (false, false):
            mine.budget != nil && theirs.budget != nil ? (with(theirs.steps, mine), theirs) : (mine, theirs)
        }
    }

    /// Whether one of two runs has a budget and the other the steps that it comes to, which is the same training.
    static func isSameTraining(_ mine: RunSpecification, _ theirs: RunSpecification) -> Bool {
        (mine.budget == nil) != (theirs.budget == nil) && mine.steps > 0 && mine.steps == theirs.steps
    }
}
