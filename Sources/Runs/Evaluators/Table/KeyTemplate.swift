public import SearchSpaces

/// How an architecture is called in a table: a text with decisions in braces, such as `|{op.0}~0|+|{op.1}~0|{op.2}~1|`.
///
/// A decision is named in full, `{layer.3}`, or all of a name at once, `{layer}`, in their order with nothing between. Where a
/// brace is meant it stands twice.
public struct KeyTemplate: Sendable, Hashable {
    /// A part of a template.
    enum Part: Sendable, Hashable {
        case text(String)
        case decision(String)
    }

    /// As it was written.
    public let text: String
    private let parts: [Part]

    /// Reads a text; nil where it names no decision, or a brace has no partner.
    init?(_ text: String) {
        var parts: [Part] = [], plain = "", rest = Substring(text)
        while let first = rest.popFirst() {
            if (first == "{" || first == "}"), rest.first == first {
                rest.removeFirst()
                plain.append(first)
            } else if first == "{" {
                guard let end = rest.firstIndex(of: "}"), end > rest.startIndex, !rest[..<end].contains("{") else {
                    return nil
                }
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = ""
                parts.append(.decision(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else if first == "}" {
                return nil
            } else {
                plain.append(first)
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        guard parts.contains(where: { if case .decision = $0 { true } else { false } }) else { return nil }
        self.text = text
        self.parts = parts
    }

    /// The decisions that it names, as it names them.
    public var decisions: [String] { parts.compactMap { if case .decision(let name) = $0 { name } else { nil } } }

    /// How a space's architectures are called: the places of decisions, once and for all.
    ///
    /// Every decision that it names is one of the space.
    public func names(in space: SearchSpace) -> @Sendable (Genome) -> String {
        enum Place {
            case text(String)
            case decisions([Int])
        }
        let places: [Place] = parts.map { part in
            switch part {
            case .text(let text): .text(text)
            case .decision(let name): .decisions(space.places(of: name))
            }
        }
        let decisions = space.decisions
        return { genome in
            places.reduce(into: "") { text, place in
                switch place {
                case .text(let plain): text += plain
                case .decisions(let members):
                    for member in members { text += decisions[member].text(of: Int(genome.choices[member])) }
                }
            }
        }
    }
}

extension SearchSpace {
    /// The places of the decisions that a name means: one in full, such as `op.3`, or all of a name; none where it is neither.
    public func places(of name: String) -> [Int] {
        if let place = decisions.firstIndex(where: { $0.fullName == name }) { return [place] }
        return decisions.indices.filter { decisions[$0].name == name }
    }
}
