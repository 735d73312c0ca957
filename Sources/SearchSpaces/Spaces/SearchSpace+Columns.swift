/// A text that is no option of the decision that it was written for.
public struct OptionFault: Error, Hashable {
    /// The decision's place.
    public let decision: Int
    /// What was written; empty where nothing was, though the decision counts.
    public let text: String
}

extension SearchSpace {
    /// The canonical genome of texts of options. What does not count under the options is not asked for.
    ///
    /// - Parameter text: The text for a decision, which counts; nil leaves it at its first option.
    /// - Throws: `OptionFault` for the first text that is no option.
    public func genome(
        ofOptions text: (_ decision: Int) -> (some StringProtocol)?
    ) throws(OptionFault) -> Genome {
        // Whether a decision is active is known once those are read that are always so.
        var genome = smallest
        for isDependent in [false, true] {
            for (index, decision) in decisions.enumerated()
            where (decision.activity != .always) == isDependent && isActive(index, in: genome) {
                guard let found = text(index) else { continue }
                guard let option = decision.option(of: found) else {
                    throw OptionFault(decision: index, text: String(found))
                }
                genome.choices[index] = UInt8(option)
            }
        }
        return canonical(genome)
    }

    /// The canonical genome of a row of a table whose columns are called as the decisions: a column for a name, with a list
    /// of values separated by semicolons where the name has several, or a column for each full name such as `heads.3`.
    ///
    /// A list has a value for each decision that is active, or for every one; then those that are not count for nothing.
    ///
    /// - Parameter value: The field of a column; nil where there is no such column.
    /// - Throws: `SearchSpaceError.invalidGenome` with what is missing or no option.
    public func genome(ofColumns value: (_ column: String) -> String?) throws(SearchSpaceError) -> Genome {
        if let text = value(Self.genomeColumn) { return try genome(text: text) }
        var fields: [String: [Substring]] = [:], whole: [Int: Substring] = [:]
        for (name, members) in decisionNames {
            if let list = value(name) {
                let parts = list.split(separator: ";", omittingEmptySubsequences: false)
                if parts.count == members.count {
                    for (member, part) in zip(members, parts) { whole[member] = part }
                } else {
                    fields[name] = parts
                }
                continue
            }
            for member in members {
                let fullName = decisions[member].fullName
                guard let text = value(fullName) else {
                    let own = fullName == name ? "" : " or '\(fullName)'"
                    throw .invalidGenome(text: nil, reason: "there is no column '\(name)'\(own)")
                }
                whole[member] = Substring(text)
            }
        }
        let genome: Genome
        do throws(OptionFault) {
            genome = try self.genome { whole[$0] }
        } catch {
            let decision = decisions[error.decision]
            let listed = decision.optionTexts.joined(separator: ", ")
            throw .invalidGenome(
                text: nil, reason: "expected \(decision.fullName) to be one of \(listed), found '\(error.text)'")
        }
        guard !fields.isEmpty else { return genome }
        for (name, members) in decisionNames where fields[name] == nil {
            fields[name] = members.filter { isActive($0, in: genome) }.map {
                Substring(decisions[$0].text(of: Int(genome.choices[$0])))
            }
        }
        return try self.genome(fields, text: nil)
    }

    /// The columns that ``genome(ofColumns:)`` looks at, in the order of the genome's text.
    public var genomeColumns: [String] {
        [Self.genomeColumn]
            + decisionNames.flatMap { name, members in
                [name] + members.map { decisions[$0].fullName }.filter { $0 != name }
            }
    }

    private static let genomeColumn = "genome"
}
