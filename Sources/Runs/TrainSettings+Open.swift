internal import Documents
internal import SearchSpaces

/// Trainings whose file leaves something open: what follows from the number of steps, or from the run that it goes on with.
extension TrainSettings {
    /// The same training with so many steps, where a budget decides them: every default that follows from steps is filled anew.
    ///
    /// - Throws: `RunError.unfitSetting` where the settings do not go with so few steps.
    func settled(steps: Int) throws(RunError) -> TrainSettings {
        guard let budget, steps != self.steps else { return self }
        let (settled, fault) = read(given.entries, steps: steps, budget: budget)
        guard let fault else { return settled }
        throw .unfitSetting(
            key: fault.keyPath, reason: "\(fault.message), where train.budget comes to \(steps) steps",
            remedy: "change it, or train.budget")
    }

    /// The same training, with what its file leaves open as in one that has begun: by the defaults of the version that began it.
    ///
    /// No teacher, no greatest norm, no steps to keep and no file to start from are no defaults: whoever leaves them out wants none.
    func leavingOpen(as begun: TrainSettings) -> TrainSettings {
        let said = Set(given.entries.map(\.path))
        let isOtherSampler = said.contains("sampler.kind") && sampler.kind != begun.sampler.kind
        var resolved = ResolvedEntries()
        begun.resolve(into: &resolved)
        func isOpen(_ path: String) -> Bool {
            if said.contains(path) || ["steps", "optimizer.clip", "keep", "start"].contains(path) { return false }
            if path.hasPrefix("budget.") || isOtherSampler && path.hasPrefix("sampler.") { return false }
            return distillation != nil || !path.hasPrefix("distillation.")
        }
        let left = resolved.entries.map { (path: String($0.path.dropFirst("train.".count)), value: $0.value) }
            .filter { isOpen($0.path) }
        let (filled, fault) = read(given.entries + left, steps: steps, budget: budget)
        guard fault == nil else { return self }
        var settings = filled
        settings.given.entries += left
        return settings
    }

    /// Whether the warm-up is a share of the steps that comes to another training's, of its steps.
    func sharesWarmup(with other: TrainSettings) -> Bool {
        guard let entry = given.entries.first(where: { $0.path == "optimizer.warmup" }),
            let share = Double(entry.value), share > 0, share < 1
        else { return false }
        return SectionReader.warmup(share, of: other.steps) == other.optimizer.warmup
    }

    /// Reads a training from keys with their values.
    private func read(
        _ keys: [(path: String, value: String)], steps: Int, budget: TrainBudget?
    ) -> (settings: TrainSettings, fault: FileFault?) {
        var entries = ResolvedEntries()
        if steps > 0 { entries.add("train.steps", steps) }
        budget?.resolve(into: &entries, below: "train")
        // Sections in one piece.
        for key in keys.sorted(by: { $0.path < $1.path }) { entries.add("train.\(key.path)", plain: key.value) }
        let collector = FaultCollector(.store)
        let node = YAMLNode.parse(entries.yaml, into: collector)
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        var settings = TrainSettings(root.section("train", isRequired: true))
        settings.given = given
        return (settings, collector.faults.first)
    }
}

/// Trainings of networks with norms over examples, which take the moments of a shard.
extension TrainSettings {
    private static let usualShard = 16
    private static let leastShard = 4

    /// The same training in a space: with shards of as many examples as its norms want, where the file does not say how many.
    func settled(in space: SearchSpace) -> TrainSettings {
        guard space.normalizesExamples, !given.entries.contains(where: { $0.path == "shards" }) else { return self }
        var settled = self
        settled.shards = Self.shards(of: batch)
        settled.given.entries.append(("shards", "\(settled.shards)"))
        return settled
    }

    private static func shards(of batch: Int) -> Int { min(max(1, batch / usualShard), 1024) }

    /// Examples of the smallest shard.
    private var leastExamples: Int { batch / shards }

    /// Checks that moments of a shard say something, where norms take them.
    ///
    /// - Parameter section: The key path of the training.
    /// - Throws: `RunError.unfitSetting`.
    func checkShards(in space: SearchSpace, section: String) throws(RunError) {
        guard space.normalizesExamples, leastExamples < Self.leastShard else { return }
        throw .unfitSetting(
            key: "\(section).shards",
            reason:
                "\(shards) shards of a batch of \(batch) leave \(leastExamples) examples to a shard, and the norms of the "
                + "space '\(space.name)' take their moments over the examples of a shard",
            remedy: batch < Self.leastShard
                ? "raise \(section).batch to \(Self.usualShard) or more"
                : "write \(Self.shards(of: batch)), or at most \(batch / Self.leastShard)")
    }

    /// What is probably not meant; nil for nothing.
    func shardWarning(in space: SearchSpace, section: String) -> String? {
        guard space.normalizesExamples, leastExamples < Self.usualShard else { return nil }
        return
            "\(section).shards: a shard has \(leastExamples) examples, over which norms take their moments; networks are worse "
            + "for fewer than \(Self.usualShard)"
    }
}

extension SectionReader {
    /// The key `nesterov`, which belongs to `sgd`.
    func nesterov(default usual: Bool, with name: TrainSettings.Optimizer.Name) -> Bool {
        let isNesterov = flag("nesterov", default: usual && name == .sgd)
        if isNesterov, name != .sgd {
            report("expected nesterov with sgd alone, found it with \(name.rawValue)", key: "nesterov")
        }
        return isNesterov
    }

    /// The key `warmup`: a number of steps, or a share of all below 1.
    func warmup(default usual: Double, of steps: Int) -> Int {
        let value = number("warmup", default: usual, in: 0...1e9, isComputed: false)
        guard value < 1 || value == value.rounded() else {
            report(
                "expected a whole number of steps, or a share of them below 1, found '\(ShortNumber.text(value))'",
                key: "warmup")
            return 0
        }
        let warmup = Self.warmup(value, of: steps)
        if warmup > steps {
            report("expected at most the \(steps) steps of training, found '\(warmup)'", key: "warmup")
        }
        return warmup
    }

    /// The steps that a number or share comes to.
    static func warmup(_ value: Double, of steps: Int) -> Int {
        Int(value < 1 ? (value * Double(steps)).rounded() : value)
    }
}
