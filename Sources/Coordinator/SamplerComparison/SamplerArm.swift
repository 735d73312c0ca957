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

    private static func parts(
        of text: String, in whole: String, at isSeparator: (Character) -> Bool
    ) throws(SamplerComparisonError) -> [String] {
        try ArmText.parts(of: text, at: isSeparator, expected: "a sampler") {
            SamplerComparisonError.unreadableArm(text: whole, reason: $0)
        }
    }
}

/// Texts of several arms.
enum ArmText {
    /// The parts of a text between separators that stand in no brackets and quotes; empty ones are left out.
    ///
    /// - Parameters:
    ///   - what: What there is one of at least.
    ///   - fault: The error of a reason.
    static func parts<Fault: Error>(
        of text: String, at isSeparator: (Character) -> Bool, expected what: String, _ fault: (String) -> Fault
    ) throws(Fault) -> [String] {
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
        guard depth == 0, quote == nil else { throw fault("its brackets or quotes do not close") }
        let found = parts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
        guard !found.isEmpty else { throw fault("expected \(what), found nothing") }
        return found
    }
}
