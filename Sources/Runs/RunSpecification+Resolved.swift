internal import Documents
internal import SearchSpaces

extension RunSpecification {
    /// The run as a complete run file, every default filled, in a stable order; it reads back as the same run.
    public var resolvedYAML: String { resolved.yaml }

    /// 32 hexadecimal digits that name what determines the result.
    ///
    /// Left out are name, workers, webhook and what is recorded, and where data and space lie: their contents have
    /// fingerprints of their own.
    /// So are the evaluations of the last round, which may be changed while the run goes on, a budget, which the steps
    /// come from, and where weights come from.
    public var fingerprint: String {
        var hash = StableHash()
        for (path, value) in resolved.entries
        where Self.isDecisive(path) && path != "search.evaluations" && !Self.isBudget(path)
            && !["supernet.run", "supernet.newest", "train.start"].contains(path)
        {
            hash.combine("\(path)=\(value)\n")
        }
        return hash.hexadecimal
    }

    /// The key paths that determine the result and whose values differ between two runs.
    public func decisiveDifferences(from other: RunSpecification) -> [String] {
        let (mine, theirs) = Self.comparable(self, other)
        var paths = mine.differences(from: theirs).filter(Self.isDecisive)
        if let source = supernet, let theirs = other.supernet, source.isNewest != theirs.isNewest {
            paths = paths.filter { $0 != "supernet.newest" }
            if !paths.contains("supernet.step") { paths.append("supernet.step") }
        }
        return Self.isSameTraining(self, other) ? paths.filter { !Self.isBudget($0) } : paths
    }

    private static func isBudget(_ path: String) -> Bool { path.hasPrefix("train.budget.") }

    private static func isDecisive(_ path: String) -> Bool {
        !["name", "workers", "space", "data.directory", "train.recordEvery"].contains(path)
            && !path.hasPrefix("webhook") && !path.hasPrefix("commands.")
            && !CommandUse.indecisiveKeys.contains { path == "evaluator.\($0)" || path.hasPrefix("evaluator.\($0).") }
    }

    /// The key paths whose values differ between two runs, defaults filled, in the order of the file.
    public func differences(from other: RunSpecification) -> [String] {
        let mine = resolved.entries
        let theirs = other.resolved.entries
        let myValues = Dictionary(uniqueKeysWithValues: mine.map { ($0.path, $0.value) })
        let theirValues = Dictionary(uniqueKeysWithValues: theirs.map { ($0.path, $0.value) })
        let changed = mine.map(\.path).filter { myValues[$0] != theirValues[$0] }
        return changed + theirs.map(\.path).filter { myValues[$0] == nil }
    }

    /// A text as a YAML scalar that reads back as it is, for the values of overrides.
    public static func quoted(_ text: String) -> String { ResolvedEntries.quoted(text) }

    private var resolved: ResolvedEntries {
        var resolved = ResolvedEntries()
        resolved.add("apiVersion", plain: "nasd/v1")
        resolved.add("kind", plain: "Run")
        resolved.add("name", quoted: name)
        resolved.add("seed", seed)
        resolved.add("space", quoted: space)
        if let data {
            data.resolve(into: &resolved)
        } else if let dataDirectory {
            resolved.add("data.directory", quoted: dataDirectory)
        }
        if let task { resolved.add("task.kind", plain: task.name) }
        supernet?.resolve(into: &resolved)
        train?.resolve(into: &resolved)
        workerTraining?.resolve(into: &resolved)
        evaluator.resolve(into: &resolved)
        for command in commands { command.resolve(into: &resolved) }
        latency?.resolve(into: &resolved)
        if let search {
            search.resolve(into: &resolved)
            resolved.add("validate.finalists", finalists)
            if let finalistCalibration { resolved.add("validate.calibration", finalistCalibration) }
            for training in finalistTrainings { training.resolve(into: &resolved) }
        }
        webhook?.resolve(into: &resolved)
        switch workers {
        case .auto: resolved.add("workers", plain: "auto")
        case .count(let count): resolved.add("workers", count)
        }
        return resolved
    }
}
