package import Documents

/// Architectures whose networks live elsewhere: decisions, and what their numbers mean, are all that is known of them.
///
/// ```yaml
/// decisions:
///   - {name: depth, count: 5, options: [2, 3, 4]}
///   - {name: kernel, count: 20, options: [3, 5, 7], within: {decision: depth, groups: 5}}
///   - {name: op, count: 6, options: [none, skip_connect, nor_conv_3x3]}
/// metrics:
///   accuracy: {goal: maximize}
/// ```
///
/// `count` makes name.0, name.1 and so on. With `within` these fall into groups of equal size, and member j of group i is
/// active while j is below the group's option of that decision.
public struct ExternalFamily: ArchitectureFamily, Hashable {
    package static let name = "external"
    package static let costs: [Metric] = []
    package static let isMixable = false

    /// One line of the list of decisions.
    struct Line: Sendable, Hashable {
        let name: String
        let count: Int?
        let numbers: [Double]?
        let words: [String]?
        let isOrdinal: Bool
        let within: (decision: String, groups: Int)?

        static func == (left: Line, right: Line) -> Bool { left.meaning == right.meaning }

        func hash(into hasher: inout Hasher) { hasher.combine(meaning) }

        var optionTexts: [String] { words ?? (numbers ?? []).map(ShortNumber.text) }

        var meaning: String {
            let group = within.map { " within \($0.decision) \($0.groups)" } ?? ""
            return "\(name) \(count ?? 0) \(isOrdinal) \(optionTexts)\(group)"
        }

        func decision(_ index: Int, activity: Decision.Activity) -> Decision {
            let scope = count == nil ? Decision.Scope.network : .block(index)
            if let words {
                return Decision(name: name, scope: scope, activity: activity, words: words, isOrdinal: isOrdinal)
            }
            return Decision(
                name: name, scope: scope, activity: activity, options: numbers ?? [], isOrdinal: isOrdinal)
        }
    }

    private let lines: [Line]
    package let decisions: [Decision]
    package let ownMetrics: [Metric]

    package var signature: ExampleSignature { ExampleSignature(input: .unknown, output: .unknown) }

    /// No genome costs anything that is known.
    package func costs(of genome: Genome) -> [Int] { [] }

    package var meaning: String { lines.map(\.meaning).joined(separator: "\n") }

    package static let mostDecisions = 4096

    package init(_ root: SectionReader) {
        root.describe([
            "decisions": "what an architecture is: decisions, at most 4096 in all",
            "decisions[]": "a decision, or several of a name",
            "metrics": "what architectures are measured by, by name",
            "metrics.*": "a metric",
            "metrics.*.goal": "the direction in which it is better",
            "metrics.*.unit": "its unit",
        ])
        let faultsBefore = root.collector.count
        let items = root.list(
            "decisions", isRequired: true, expected: "a list of decisions", most: Self.mostDecisions)
        if items.isEmpty, root.has("decisions"), root.collector.count == faultsBefore {
            root.report("expected at least one decision, found none", key: "decisions")
        }
        var lines: [Line] = [], decisions: [Decision] = []
        // Where the members of each line begin.
        var starts: [String: (first: Int, line: Int)] = [:]
        for (index, item) in items.enumerated() {
            let section = SectionReader(
                item, path: "\(root.path("decisions"))[\(index)]", at: item.position, collector: root.collector)
            guard let line = Self.line(section, isKnown: { starts[$0] != nil }) else { continue }
            let count = line.count ?? 1
            guard decisions.count + count <= Self.mostDecisions else {
                section.report("expected at most \(Self.mostDecisions) decisions in all", key: "count")
                break
            }
            guard let controls = Self.controls(of: line, lines, starts, section) else { continue }
            starts[line.name] = (decisions.count, lines.count)
            lines.append(line)
            for member in 0..<count {
                let activity: Decision.Activity =
                    if let within = line.within {
                        .below(
                            decision: controls + member / (count / within.groups),
                            position: member % (count / within.groups))
                    } else {
                        .always
                    }
                decisions.append(line.decision(member, activity: activity))
            }
        }
        self.lines = lines
        self.decisions = decisions
        ownMetrics = Self.metrics(root)
    }

    private static func line(_ section: SectionReader, isKnown: (String) -> Bool) -> Line? {
        section.describe([
            "name": "up to 64 letters, digits and _, beginning with a letter",
            "count": "makes name.0, name.1 and so on",
            "options": "numbers, ascending unless ordinal is false, or words",
            "ordinal": "whether options have an order; default for numbers and not for words",
            "within":
                "when members are active: they fall into groups of equal size, and member j of a group is active while j is below the group's option",
            "within.decision": "the decision above that says how many members of each group are active",
            "within.groups": "how many groups there are: one for each of those decisions",
        ])
        let faultsBefore = section.collector.count
        let name = section.text("name", expected: "a name of letters, digits and _")
        if section.has("name"), section.collector.count == faultsBefore {
            if !isName(name) {
                section.report("expected a name of letters, digits and _, found '\(name.prefix(80))'", key: "name")
            } else if isKnown(name) {
                section.report("expected each name once, found '\(name)' again", key: "name")
            }
        }
        let count = section.optional("count") { section.integer("count", in: 1...mostDecisions) }
        let (numbers, words) = options(section)
        let isOrdinal = section.flag("ordinal", default: words == nil)
        if let numbers, isOrdinal, zip(numbers, numbers.dropFirst()).contains(where: >) {
            section.report("expected ascending options, or ordinal: false", key: "options")
        }
        let within: (String, Int)? = section.optional("within") {
            let inner = section.section("within")
            let decision = inner.text("decision", expected: "the name of a decision above")
            let groups = inner.integer("groups", in: 1...mostDecisions)
            inner.finish()
            return (decision, groups)
        }
        section.finish()
        guard section.collector.count == faultsBefore else { return nil }
        return Line(
            name: name, count: count, numbers: numbers, words: words, isOrdinal: isOrdinal,
            within: within.map { (decision: $0.0, groups: $0.1) })
    }

    /// The first decision that the groups of a line depend on; nil, and reported, where there is none that fits.
    private static func controls(
        of line: Line, _ lines: [Line], _ starts: [String: (first: Int, line: Int)], _ section: SectionReader
    ) -> Int? {
        guard let within = line.within else { return 0 }
        let inner = section.section("within"), count = line.count ?? 1
        guard let start = starts[within.decision] else {
            inner.report(
                "expected the name of a decision above, found '\(within.decision.prefix(80))'", key: "decision",
                hint: Spelling.nearest(to: within.decision, among: starts.keys.sorted()).map { "did you mean '\($0)'?" }
            )
            return nil
        }
        let control = lines[start.line]
        guard count.isMultiple(of: within.groups) else {
            inner.report(
                "expected groups that divide the count \(count) of '\(line.name)', found \(within.groups)",
                key: "groups")
            return nil
        }
        guard within.groups == control.count ?? 1 else {
            inner.report(
                "expected a group for each of the \(control.count ?? 1) decisions '\(within.decision)', found "
                    + "\(within.groups)", key: "groups")
            return nil
        }
        guard control.within == nil, let options = control.numbers else {
            inner.report(
                "expected a decision between numbers that is always active, found '\(within.decision)'",
                key: "decision")
            return nil
        }
        let size = count / within.groups
        guard let most = options.max(), most <= Double(size), options.allSatisfy({ $0 >= 0 && $0.rounded() == $0 })
        else {
            inner.report(
                "expected options of '\(within.decision)' from 0 to \(size), the members of a group, found "
                    + options.map(ShortNumber.text).joined(separator: ", "), key: "decision")
            return nil
        }
        return start.first
    }

    /// Numbers, or words where any of the options is one.
    private static func options(_ section: SectionReader) -> (numbers: [Double]?, words: [String]?) {
        let items = section.list(
            "options", isRequired: true, expected: "a list of numbers or words", least: "at least one option")
        let path = section.path("options[]"), all = Double.greatestFiniteMagnitude
        section.collector.note(path, .number(-all...all, excludingLowest: false))
        section.collector.note(path, .text)
        let numbers = items.compactMap(SectionReader.number)
        if numbers.count == items.count {
            if Set(numbers).count < numbers.count { section.report("expected each option once", key: "options") }
            return (numbers, nil)
        }
        let words = items.enumerated().compactMap { index, item -> String? in
            let path = "\(section.path("options"))[\(index)]"
            guard let word = SectionReader.scalarText(item), isWord(word) else {
                section.collector.report(
                    "expected a number or a word of at most 80 letters, digits and _ - . + /, found "
                        + item.kindText, at: item.position, path: path)
                return nil
            }
            return word
        }
        if Set(words).count < words.count { section.report("expected each option once", key: "options") }
        return (nil, words)
    }

    private static func metrics(_ root: SectionReader) -> [Metric] {
        let section = root.section("metrics")
        return section.names.compactMap { name in
            let own = section.section(name)
            guard section.declaresMetric(name) else { return nil }
            let metric = Metric(
                name: name, unit: own.text("unit", default: ""), kind: .quality,
                goal: own.word("goal", default: .minimize, standIn: .minimize),
                range: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
            own.finish()
            return metric
        }
    }

    package func resolve(into resolved: inout ResolvedEntries) {
        let list = lines.map { line in
            // Within a list, the form that is stored has no quotes: names and words need none.
            var text = "{name: \(line.name)"
            if let count = line.count { text += ", count: \(count)" }
            text += ", options: [\(line.optionTexts.joined(separator: ", "))], ordinal: \(line.isOrdinal)"
            if let within = line.within {
                text += ", within: {decision: \(within.decision), groups: \(within.groups)}"
            }
            return text + "}"
        }
        resolved.add("decisions", plain: "[\(list.joined(separator: ", "))]")
        for metric in ownMetrics {
            resolved.add("metrics.\(metric.name).goal", plain: metric.goal.rawValue)
            if !metric.unit.isEmpty { resolved.add("metrics.\(metric.name).unit", quoted: metric.unit) }
        }
    }

    private static func isName(_ word: String) -> Bool {
        guard let first = word.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else { return false }
        return word.utf8.count <= 64
            && word.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0))
            }
    }

    private static func isWord(_ word: String) -> Bool {
        guard let first = word.unicodeScalars.first, word.utf8.count <= 80 else { return false }
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
        }
        return isPlain(first) && word.unicodeScalars.allSatisfy { isPlain($0) || "-.+/".unicodeScalars.contains($0) }
    }
}
