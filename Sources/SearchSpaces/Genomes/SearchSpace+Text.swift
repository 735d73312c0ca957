internal import Documents

extension SearchSpace {
    /// The genome in words, such as `embed=96;depth=2;heads=3,2;mlpRatio=2,3.5`; only blocks that are there.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func text(of genome: Genome) -> String {
        let architecture = values(of: genome)
        let heads = architecture.heads.map(String.init).joined(separator: ",")
        let ratios = architecture.ratios.map(ShortNumber.text).joined(separator: ",")
        return "embed=\(architecture.embed);depth=\(architecture.depth);heads=\(heads);mlpRatio=\(ratios)"
    }

    /// The canonical genome that a text of `text(of:)` stands for.
    ///
    /// - Throws: `SearchSpaceError.invalidGenome` when the text is malformed or names a value that is no option.
    public func genome(text: String) throws(SearchSpaceError) -> Genome {
        var fields: [String: [Substring]] = [:]
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, ["embed", "depth", "heads", "mlpRatio"].contains(String(sides[0])),
                fields[String(sides[0])] == nil
            else {
                throw .invalidGenome(
                    text: text, reason: "expected embed=…;depth=…;heads=…;mlpRatio=…, each once, found '\(part)'")
            }
            fields[String(sides[0])] = sides[1].split(separator: ",", omittingEmptySubsequences: false)
        }
        let embed = try indices(fields, "embed", of: choices.embed.map(Double.init), count: 1, text: text)
        let depth = try indices(fields, "depth", of: choices.depth.map(Double.init), count: 1, text: text)
        let blocks = choices.depth[Int(depth[0])]
        let heads = try indices(fields, "heads", of: choices.heads.map(Double.init), count: blocks, text: text)
        let ratios = try indices(fields, "mlpRatio", of: choices.mlpRatio, count: blocks, text: text)
        var genome = smallest
        genome.choices[0] = embed[0]
        genome.choices[1] = depth[0]
        for block in 0..<blocks {
            genome.choices[2 + 2 * block] = heads[block]
            genome.choices[3 + 2 * block] = ratios[block]
        }
        return genome
    }

    /// The option values of a genome, those of the blocks that are there.
    func values(of genome: Genome) -> (embed: Int, depth: Int, heads: [Int], ratios: [Double]) {
        let depth = choices.depth[Int(genome.choices[1])]
        return (
            choices.embed[Int(genome.choices[0])], depth,
            (0..<depth).map { choices.heads[Int(genome.choices[2 + 2 * $0])] },
            (0..<depth).map { choices.mlpRatio[Int(genome.choices[3 + 2 * $0])] }
        )
    }

    private func indices(
        _ fields: [String: [Substring]], _ key: String, of options: [Double], count: Int, text: String
    ) throws(SearchSpaceError) -> [UInt8] {
        guard let parts = fields[key] else { throw .invalidGenome(text: text, reason: "expected \(key)=…") }
        guard parts.count == count else {
            throw .invalidGenome(text: text, reason: "expected \(count) values of \(key), found \(parts.count)")
        }
        var indices: [UInt8] = []
        for part in parts {
            guard let value = Double(part), let index = options.firstIndex(of: value) else {
                let listed = options.map(ShortNumber.text).joined(separator: ", ")
                throw .invalidGenome(text: text, reason: "expected \(key) to be one of \(listed), found '\(part)'")
            }
            indices.append(UInt8(index))
        }
        return indices
    }
}
