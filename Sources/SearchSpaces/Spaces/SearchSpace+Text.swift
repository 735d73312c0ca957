extension SearchSpace {
    /// The genome in words, such as `embed=96;depth=2;heads=3,2;mlpRatio=2,3.5`; only decisions that are active.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func text(of genome: Genome) -> String {
        decisionNames.map { name, members in
            let values = members.filter { isActive($0, in: genome) }.map {
                decisions[$0].text(of: Int(genome.choices[$0]))
            }
            return "\(name)=\(values.joined(separator: ","))"
        }.joined(separator: ";")
    }

    /// The names of decisions in the order in which they first come, each with the places of its decisions.
    public var decisionNames: [(name: String, members: [Int])] {
        var names: [(name: String, members: [Int])] = [], places: [String: Int] = [:]
        for (index, decision) in decisions.enumerated() {
            if let place = places[decision.name] {
                names[place].members.append(index)
            } else {
                places[decision.name] = names.count
                names.append((decision.name, [index]))
            }
        }
        return names
    }

    /// The canonical genome that a text of `text(of:)` stands for.
    ///
    /// - Throws: `SearchSpaceError.invalidGenome` when the text is malformed or names a value that is no option.
    public func genome(text: String) throws(SearchSpaceError) -> Genome {
        let names = decisionNames, known = Set(names.map { Substring($0.name) })
        var fields: [String: [Substring]] = [:]
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, known.contains(sides[0]), fields[String(sides[0])] == nil
            else {
                let form = names.map { "\($0.name)=…" }.joined(separator: ";")
                throw .invalidGenome(text: text, reason: "expected \(form), each once, found '\(part)'")
            }
            fields[String(sides[0])] = sides[1].split(separator: ",", omittingEmptySubsequences: false)
        }
        return try genome(fields, text: text)
    }

    /// The canonical genome of the values of its active decisions, by name.
    ///
    /// - Throws: `SearchSpaceError.invalidGenome` with the text that is named there.
    func genome(_ fields: [String: [Substring]], text: String?) throws(SearchSpaceError) -> Genome {
        var genome = smallest
        // Whether a decision is active is known once those are read that are always so.
        for isDependent in [false, true] {
            for (name, members) in decisionNames
            where members.contains(where: { decisions[$0].activity != .always }) == isDependent {
                guard let parts = fields[name] else { throw .invalidGenome(text: text, reason: "expected \(name)=…") }
                let active = members.filter { isActive($0, in: genome) }
                // Nothing at all is one empty part.
                let given = active.isEmpty && parts == [""] ? [] : parts
                guard given.count == active.count else {
                    throw .invalidGenome(
                        text: text, reason: "expected \(active.count) values of \(name), found \(given.count)")
                }
                for (index, part) in zip(active, given) {
                    guard let option = decisions[index].option(of: part) else {
                        let listed = decisions[index].optionTexts.joined(separator: ", ")
                        throw .invalidGenome(
                            text: text, reason: "expected \(name) to be one of \(listed), found '\(part)'")
                    }
                    genome.choices[index] = UInt8(option)
                }
            }
        }
        return genome
    }
}
