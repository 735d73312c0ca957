internal import Documents

/// Whose trained supernet a run searches, in place of one that it trains itself: the section `supernet` of a run file.
public struct SupernetSource: Sendable, Hashable {
    /// The name or id of a run in the same data directory, or the path of a data directory or of a run's folder in one.
    public private(set) var run: String
    /// The training step of the weights; nil for the newest, as long as the run has not begun.
    public private(set) var step: Int?
    /// Whether the file leaves the step to what is newest when the run begins.
    public let isNewest: Bool

    init(run: String) {
        self.run = run
        isNewest = true
    }

    init(_ reader: SectionReader) {
        reader.describe([
            "run": "name, id or data directory of the run",
            "step": "step of its weights; without it the newest",
        ])
        run = reader.text("run", expected: "the name, id or data directory of a run")
        step = reader.optional("step") { reader.integer("step", in: 1...TrainExtent.most) }
        // Written by this program beside the step that the newest was.
        let isSettled = reader.collector.origin == .store && reader.flag("newest", default: false)
        isNewest = step == nil || isSettled
        reader.finish()
    }

    /// Whether the run lies in another data directory.
    public var isPath: Bool { run.contains("/") }

    /// The same source with a step, where none is named.
    func settled(step: Int) -> SupernetSource {
        var settled = self
        if isNewest { settled.step = step }
        return settled
    }

    func called(_ run: String) -> SupernetSource {
        var called = self
        called.run = run
        return called
    }

    /// The same source as its file has it.
    var asAsked: SupernetSource {
        var asked = self
        if isNewest { asked.step = nil }
        return asked
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("supernet.run", quoted: run)
        guard let step else { return }
        resolved.add("supernet.step", step)
        if isNewest { resolved.add("supernet.newest", true) }
    }
}

extension RunSpecification {
    /// The step of the weights that the last round of search measures on; 0 where there are none, or none is known yet.
    public var weightsStep: Int { supernet.map { $0.step ?? 0 } ?? steps }

    /// Whether it searches networks, of a supernet that it trains or of another run's.
    public var hasNetworks: Bool { train != nil || supernet != nil }

    /// Whether the step of another run's weights is still to be found out, when the run begins.
    public var isSourceOpen: Bool { supernet.map { $0.step == nil } ?? false }

    /// The run with the step of the weights that it searches, where its file leaves it open.
    public func settled(sourceStep step: Int) -> RunSpecification {
        var settled = self
        settled.supernet = supernet?.settled(step: step)
        return settled
    }

    /// The run with the run whose supernet it searches called otherwise.
    public func searching(_ run: String) -> RunSpecification {
        var searching = self
        searching.supernet = supernet?.called(run)
        return searching
    }

    /// The run with what another of the same file came to when it began: its steps, and the step of the weights that it searches.
    ///
    /// - Throws: `RunError.unfitSetting` where its settings do not go with so few steps.
    public func settled(as begun: RunSpecification) throws(RunError) -> RunSpecification {
        let settled = try settled(steps: begun.steps)
        return begun.supernet?.step.map(settled.settled(sourceStep:)) ?? settled
    }

    /// The text of a run file that searches the supernet of this run anew: with `supernet` in place of `train`, and no rounds
    /// during training.
    ///
    /// - Parameters:
    ///   - run: Where the run is found.
    ///   - name: The name of the new run.
    public func searchFile(of run: String, name: String) -> String {
        var file = self
        file.train = nil
        file.supernet = SupernetSource(run: run)
        file.search = search?.withoutRoundsDuringTraining
        file.name = name
        return file.resolvedYAML
    }

    /// What a run that searches the supernet of another is called, unless somebody says otherwise.
    public static func searchName(of run: String) -> String { "\(run.prefix(57))-search" }
}
