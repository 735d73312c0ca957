internal import Datasets
internal import Documents
internal import Runs

/// A run that suits data, in the words of a run file, explained line by line.
struct StartingRun {
    let name: String
    let space: String
    let look: DataLook
    let seed: Int
    /// Examples that are trained on.
    var trained: Int
    /// Candidates that are measured.
    var evaluations = StartingRun.mostEvaluations

    init(name: String, space: String, look: DataLook, seed: Int) {
        self.name = name
        self.space = space
        self.look = look
        self.seed = seed
        trained = max(1, look.count - look.validation)
    }

    /// How long training goes on.
    enum Extent {
        /// To be found out on this machine.
        case minutes(Double)
        /// So many steps, with a word on why.
        case steps(Int, String)
    }

    /// Examples of a step.
    var batch: Int { trained >= 1024 ? 64 : 32 }
    /// Steps that pass over all examples a hundred times: more of them learn little more.
    var mostSteps: Int { max(Self.leastSteps, steps(ofPasses: 100)) }
    /// The steps of so many passes over all examples.
    func steps(ofPasses passes: Int) -> Int { passes * trained / batch }
    /// Fewer steps train nothing.
    static let leastSteps = 300

    /// Two generations tell something; ten mostly all.
    static let leastEvaluations = 64, mostEvaluations = 320

    private var isOfImages: Bool { if case .image = look.input { true } else { false } }

    /// The text of the file.
    func yaml(_ extent: Extent) -> String {
        let lines =
            [
                "# \(look.classes.map { "Tells \($0) classes" } ?? "Tells a number"): nasd run \(name).yaml",
                "# Written by nasd new; change what you like, and check it with nasd validate \(name).yaml",
                "apiVersion: nasd/v1", "kind: Run", "name: \(name)",
                "seed: \(seed)  # of everything that is drawn: the same seed gives the same results",
                "space: \(space)  # \(space).yaml beside this file",
            ] + data + training(extent) + search
            + [
                "validate: {finalists: 10}  # the best of the front, measured on all validation data and then on the test data",
                "workers: auto  # all processors; results do not depend on it",
            ]
        return lines.joined(separator: "\n") + "\n"
    }

    private var data: [String] {
        let samples = "taken from what is trained on: candidates are measured on them"
        var lines = [
            "data:", "  format: \(look.format)",
            "  directory: \(ResolvedEntries.quoted(look.directory))",
        ]
        lines += look.keys.map { Self.text($0, indent: "  ") }
        let strata = look.classes == nil ? "" : ", stratified: true",
            share = look.classes == nil ? "" : ", each class by its share"
        lines.append("  holdOut: {validation: \(look.validation), sampler: 0\(strata)}  # \(samples)\(share)")
        if case .image(let height, let width, let channels) = look.input {
            let shift = max(1, min(height, width) / 8)
            lines.append(
                channels == 3
                    ? "  augmentation: {shift: \(shift), flip: true}  # random crops and mirrored images; also brightness, contrast, saturation, erasing, mixup, cutmix"
                    : "  augmentation: {shift: \(min(2, shift))}  # random crops; flip: true mirrors, where left and right mean the same"
            )
        }
        return lines
    }

    private static func text(_ key: DataLook.Key, indent: String) -> String {
        "\(indent)\(key.name): \(text(key.value))" + (key.remark.map { "  # \($0)" } ?? "")
    }

    private static func text(_ value: DataLook.Key.Value) -> String {
        switch value {
        case .plain(let text): text
        case .text(let text): ResolvedEntries.quoted(text)
        case .list(let texts): "[" + texts.map(ResolvedEntries.quoted).joined(separator: ", ") + "]"
        case .section(let keys): "{" + keys.map { "\($0.name): \(text($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    private func training(_ extent: Extent) -> [String] {
        var lines = ["train:"]
        var checkpoints = 500
        switch extent {
        case .minutes(let minutes): lines.append("  budget: {minutes: \(ShortNumber.text(minutes))}")
        case .steps(let steps, let why):
            lines.append("  steps: \(steps)  # \(why)")
            checkpoints = max(50, steps / 8)
        }
        let rate =
            isOfImages
            ? "{name: sgd, rate: \(batch == 64 ? "0.1" : "0.05"), weightDecay: 0.0005, momentum: 0.9, nesterov: true, schedule: cosine, warmup: 0.05}"
            : "{name: adamw, rate: 0.002, weightDecay: 0.05, schedule: cosine, warmup: 0.05}"
        return lines + [
            "  batch: \(batch)  # examples of a step",
            "  shards: \(isOfImages ? batch / 16 : 4)  # parts of it, each under a network of its own; results depend on it",
            "  optimizer: \(rate)", "  sampler: {kind: multi}  # which networks a step trains",
            "  checkpointEvery: \(checkpoints)  # a stop or a kill costs no more steps than this",
        ]
    }

    private var search: [String] {
        let metric = look.classes == nil ? "{metric: rmse, goal: minimize}" : "{metric: accuracy, goal: maximize}"
        return [
            "search:", "  algorithm: nsga2",
            "  objectives: [\(metric), {metric: multiplyAdds, goal: minimize}]  # what the front is a trade of; params and activationBytes are costs, too",
            "  population: 32", "  evaluations: \(evaluations)  # candidates that are measured",
            "  samples: \(min(1000, look.validation))  # validation examples that each is measured on",
        ]
    }
}
