extension SearchSpace {
    /// The canonical genome of a row of a table whose columns are called as the decisions: a column for a name, with a list
    /// of values separated by semicolons where the name has several, or a column for each full name such as `heads.3`.
    ///
    /// A list has a value for each decision that is active, or for every one; then those that are not count for nothing.
    ///
    /// - Parameter value: The field of a column; nil where there is no such column.
    /// - Throws: `SearchSpaceError.invalidGenome` with what is missing or no option.
    public func genome(ofColumns value: (_ column: String) -> String?) throws(SearchSpaceError) -> Genome {
        if let text = value("genome") { return try genome(text: text) }
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
                guard let text = value(decisions[member].fullName) else {
                    throw .invalidGenome(
                        text: "of a row", reason: "there is no column '\(name)' or '\(decisions[member].fullName)'")
                }
                whole[member] = Substring(text)
            }
        }
        // Whether a decision is active is known once those are read that are always so.
        var genome = smallest
        for isDependent in [false, true] {
            for (index, decision) in decisions.enumerated() where (decision.activity != .always) == isDependent {
                guard let text = whole[index], isActive(index, in: genome) else { continue }
                guard let option = decision.option(of: text) else {
                    let listed = decision.options.indices.map(decision.text).joined(separator: ", ")
                    throw .invalidGenome(
                        text: "of a row",
                        reason: "expected \(decision.fullName) to be one of \(listed), found '\(text)'")
                }
                genome.choices[index] = UInt8(option)
            }
        }
        guard !fields.isEmpty else { return canonical(genome) }
        for (name, members) in decisionNames where fields[name] == nil {
            fields[name] = members.filter { isActive($0, in: genome) }.map {
                Substring(decisions[$0].text(of: Int(genome.choices[$0])))
            }
        }
        return try self.genome(fields, text: "of a row")
    }
}
