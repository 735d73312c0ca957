internal import Documents

/// What a training may take, in place of its number of steps.
public enum TrainBudget: Sendable, Hashable {
    /// So many multiply-adds of what a training executes: forward 1, backward 2, for each example of each pass.
    case multiplyAdds(Double)
    /// So many minutes of training, search and validation apart, on the machine where the run begins.
    case minutes(Double)

    /// What comes out for people, such as `a budget of 20 minutes`.
    public var text: String {
        switch self {
        case .multiplyAdds(let count): "a budget of \(ShortNumber.counted(count)) multiply-adds"
        case .minutes(let minutes):
            "a budget of \(ShortNumber.text(minutes)) minute\(minutes == 1 ? "" : "s") of training"
        }
    }

    func resolve(into resolved: inout ResolvedEntries, below path: String) {
        switch self {
        case .multiplyAdds(let count): resolved.add("\(path).budget.multiplyAdds", count)
        case .minutes(let minutes): resolved.add("\(path).budget.minutes", minutes)
        }
    }
}

/// How long `train` says that training goes on: steps, or a budget, and both where this program stored what a budget came to.
struct TrainExtent {
    /// Nil where a budget is still to be turned into steps.
    let steps: Int?
    let budget: TrainBudget?

    static let most = 1_000_000_000

    /// The extents that a file may have, and whether each was said on the command line.
    private struct Given {
        let key: String
        let isOverride: Bool
    }

    init(_ reader: SectionReader) {
        let steps = reader.optional("steps") { reader.integer("steps", in: 1...Self.most) }
        var given = steps == nil ? [] : [Given(key: "steps", isOverride: Self.isOverride("steps", of: reader))]
        var budgets: [(key: String, budget: TrainBudget)] = []
        reader.optional("budget") {
            let section = reader.section("budget")
            let multiplyAdds = section.optional("multiplyAdds") {
                section.scaledNumber("multiplyAdds", in: 1...1e24)
            }
            let minutes = section.optional("minutes") {
                section.number("minutes", in: 0...1e6, excludingLowest: true, isComputed: false)
            }
            section.finish()
            if let multiplyAdds { budgets.append(("budget.multiplyAdds", .multiplyAdds(multiplyAdds))) }
            if let minutes { budgets.append(("budget.minutes", .minutes(minutes))) }
            for key in section.keys where ["multiplyAdds", "minutes"].contains(key) {
                given.append(Given(key: "budget.\(key)", isOverride: Self.isOverride(key, of: section)))
            }
        }
        let isStored = reader.collector.origin == .store && steps != nil && budgets.count == 1
        // What the command line says takes the place of whatever the file says.
        let said = given.contains(where: \.isOverride) ? given.filter(\.isOverride) : given
        if said.count != 1, !isStored { Self.report(said.map(\.key), in: reader) }
        self.steps = isStored || said.contains { $0.key == "steps" } ? steps : nil
        budget = budgets.first { budget in isStored || said.contains { $0.key == budget.key } }?.budget
    }

    private static func isOverride(_ key: String, of section: SectionReader) -> Bool {
        section.position(of: key).overrideKey != nil
    }

    private static func report(_ found: [String], in reader: SectionReader) {
        let last = found.last ?? "none of them"
        reader.report(
            "expected exactly one of steps, budget.multiplyAdds and budget.minutes, found "
                + (found.count > 1 ? "\(found.dropLast().joined(separator: ", ")) and \(last)" : last),
            key: reader.has("budget") ? "budget" : "steps", hint: found.isEmpty ? nil : "take out all but one")
    }
}

extension SectionReader {
    /// A required number within a range, which may have a unit: `2T`.
    fileprivate func scaledNumber(_ key: String, in range: ClosedRange<Double>) -> Double {
        let expected =
            "a number from \(ShortNumber.text(range.lowerBound)) to \(ShortNumber.text(range.upperBound)), such as 2T"
        collector.note(path(key), .number(range, excludingLowest: false))
        collector.note(path(key), .scaled)
        guard let node = node(key, isRequired: true, expected: expected) else { return range.upperBound }
        if case .scalar(let text, true) = node.content, let value = ShortNumber.value(of: text), range.contains(value) {
            return value
        }
        report("expected \(expected), found \(node.kindText)", key: key)
        return range.upperBound
    }
}
