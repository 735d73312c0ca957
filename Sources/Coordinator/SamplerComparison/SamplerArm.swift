internal import Documents
internal import Foundation
internal import Runs

/// An arm of a comparison of samplers: a sampler, and what else of the training it has of its own.
///
/// Written as the sampler, in YAML or by its kind alone, and any number of `train.key=value` behind it, such as
/// `sandwich train.distillation={weight: 0.5}`.
public struct SamplerArm: Sendable, Equatable {
    /// The arm as it was written.
    public let text: String
    /// What tables and files call it: the kind where no other arm has it, otherwise the text.
    public let name: String
    /// The kind of sampler, or all that is in its braces.
    private let sampler: String
    /// Keys and values of a run file.
    private let settings: [Setting]

    private struct Setting: Sendable, Equatable {
        let key: String
        let value: String
    }

    /// Reads arms, separated by semicolons.
    ///
    /// - Throws: ``SamplerComparisonError/unreadableArm(text:reason:)`` and others for what is none.
    public static func list(_ text: String) throws(SamplerComparisonError) -> [SamplerArm] {
        let texts = try parts(of: text, in: text) { $0 == ";" }
        var drafts: [SamplerArm] = []
        for text in texts { drafts.append(try SamplerArm(text)) }
        for (index, arm) in drafts.enumerated() where drafts[..<index].contains(where: { $0.text == arm.text }) {
            throw .unreadableArm(text: arm.text, reason: "it is named twice")
        }
        return drafts.map { arm in
            let namesakes = drafts.filter { $0.kind == arm.kind }
            return namesakes.count == 1 ? SamplerArm(arm, name: arm.kind) : arm
        }
    }

    private init(_ text: String) throws(SamplerComparisonError) {
        var parts = try Self.parts(of: text, in: text, at: \.isWhitespace)
        sampler = parts.removeFirst()
        var settings: [Setting] = []
        for part in parts {
            guard let sign = part.firstIndex(of: "="), part.hasPrefix("train.") else {
                throw .unreadableArm(
                    text: text, reason: "expected train.key=value behind the sampler, found '\(part)'")
            }
            let key = String(part[..<sign])
            guard !["train.steps", "train.sampler", "train.budget"].contains(key), !key.hasPrefix("train.sampler.")
            else {
                throw .unreadableArm(
                    text: text,
                    reason:
                        "\(key) is not the arm's to set: the sampler comes first, and its steps follow from the budget")
            }
            settings.append(Setting(key: key, value: String(part[part.index(after: sign)...])))
        }
        self.settings = settings
        self.text = ([sampler] + settings.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        name = self.text
    }

    private init(_ arm: SamplerArm, name: String) {
        text = arm.text
        sampler = arm.sampler
        settings = arm.settings
        self.name = name
    }

    /// The word behind `kind:`, or the only word.
    private var kind: String {
        guard sampler.hasPrefix("{") else { return sampler }
        return sampler.firstMatch(of: /kind:\s*([A-Za-z0-9_-]+)/).map { String($0.1) } ?? sampler
    }

    /// Whether the arm says a key of the run file itself.
    private func sets(_ key: String) -> Bool { settings.contains { $0.key == key } }

    /// The run of the arm for so many steps.
    ///
    /// Where it says nothing of its warm-up, that has the share of the steps that it has in the run file; shards are no more than
    /// the batch.
    /// - Parameters:
    ///   - base: The run file without its search.
    ///   - recipe: What trials have chosen, or are about to try.
    /// - Throws: `DocumentError` for a sampler or a value that is none.
    func specification(
        _ base: RunSpecification, steps: Int, recipe: SamplerRecipe
    ) throws(DocumentError) -> RunSpecification {
        let train = base.train
        let braced = sampler.hasPrefix("{") ? sampler : "{kind: \(sampler)}"
        var overrides = [(key: "train.steps", value: String(steps)), (key: "train.sampler", value: braced)]
        if let train, !sets("train.optimizer.warmup") {
            let share = Double(train.optimizer.warmup) / Double(train.steps)
            overrides.append(("train.optimizer.warmup", String(Int((share * Double(steps)).rounded(.down)))))
        }
        if let batch = recipe.batch {
            overrides.append(("train.batch", String(batch)))
            if let train, !sets("train.shards"), train.shards > batch {
                overrides.append(("train.shards", String(batch)))
            }
        }
        if let rate = recipe.rate { overrides.append(("train.optimizer.rate", "\(rate)")) }
        overrides += settings.map { ($0.key, $0.value) }
        return try RunSpecification.parse(
            yaml: base.resolvedYAML, file: "the run file with the arm '\(name)'", overrides: overrides)
    }

    /// The parts of a text between separators that stand in no brackets and quotes; empty ones are left out.
    private static func parts(
        of text: String, in whole: String, at isSeparator: (Character) -> Bool
    ) throws(SamplerComparisonError) -> [String] {
        var parts = [""], depth = 0
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if "{[".contains(character) {
                depth += 1
            } else if "}]".contains(character) {
                depth -= 1
            }
            guard depth >= 0 else { break }
            if depth == 0, quote == nil, isSeparator(character) {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        guard depth == 0, quote == nil else {
            throw .unreadableArm(text: whole, reason: "its brackets or quotes do not close")
        }
        let found = parts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
        guard !found.isEmpty else { throw .unreadableArm(text: whole, reason: "expected a sampler, found nothing") }
        return found
    }
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
