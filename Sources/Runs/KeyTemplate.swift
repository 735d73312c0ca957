internal import Foundation
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

extension KeyTemplate {
    /// What some texts are as names of a space's architectures.
    public struct Reading: Sendable {
        /// A name that two architectures have.
        public struct Shared: Sendable {
            /// The place of the name.
            public let place: Int
            /// The architectures, canonical and different.
            public let architectures: [Genome]
        }

        /// Whether each text is the name of an architecture; true as well where that is not known.
        public fileprivate(set) var isName: [Bool] = []
        /// The first text that is the name of two architectures: `111` for `{a}{b}` of options 1 and 11.
        public fileprivate(set) var shared: Shared?
        /// Whether all was found out in the time that it may take.
        public fileprivate(set) var isComplete = true
    }

    /// Reads names back.
    ///
    /// Every decision that it names is one of the space, which may have any number of architectures. Complexity: O(bytes of the
    /// texts times options) where no option begins as another does; otherwise a bounded number of ways is tried.
    public func read(_ texts: [String], in space: SearchSpace) -> Reading {
        let name = names(in: space)
        var reader = NameReader(parts, space, texts: texts.count), reading = Reading()
        let isUnique = reader.hasOneReading
        reading.isName.reserveCapacity(texts.count)
        for (place, text) in texts.enumerated() {
            var found: [Genome] = []
            _ = reader.reads(text) { genome in
                let genome = space.canonical(genome)
                guard found.first != genome, name(genome) == text else { return false }
                found.append(genome)
                return isUnique || found.count == 2
            }
            if reader.stepsLeft == 0 { reading.isComplete = false }
            reading.isName.append(!found.isEmpty || reader.stepsLeft == 0)
            if found.count == 2, reading.shared == nil { reading.shared = .init(place: place, architectures: found) }
        }
        return reading
    }

    /// Cuts texts into the parts of a template. Options may be cut in several ways, such as `1` and `10`, and so one part after
    /// another is tried with one option after another.
    private struct NameReader {
        private enum Piece {
            case text([UInt8])
            case decision(Int)
        }

        private let pieces: [Piece]
        private let smallest: Genome
        private let options: [[[UInt8]]]
        /// Comparisons that are left for all texts.
        private(set) var stepsLeft: Int

        init(_ parts: [Part], _ space: SearchSpace, texts: Int) {
            stepsLeft = (1 << 24) + 1024 * texts
            pieces = parts.flatMap { part -> [Piece] in
                switch part {
                case .text(let text): [.text(Self.bytes(text))]
                case .decision(let name): space.places(of: name).map(Piece.decision)
                }
            }
            smallest = space.smallest
            options = space.decisions.map { $0.optionTexts.map(Self.bytes) }
        }

        /// Texts are the same whichever way accents are written.
        private static func bytes(_ text: String) -> [UInt8] { Array(text.decomposedStringWithCanonicalMapping.utf8) }

        /// Whether no text can be cut in two ways: no option with the text behind it begins as another does.
        var hasOneReading: Bool {
            pieces.indices.allSatisfy { index in
                guard case .decision(let decision) = pieces[index] else { return true }
                // A byte that no text has stands for the end.
                var next: [UInt8] = index + 1 == pieces.count ? [0xFF] : []
                if index + 1 < pieces.count, case .text(let text) = pieces[index + 1] { next = text }
                let words = options[decision].map { $0 + next }.sorted { $0.lexicographicallyPrecedes($1) }
                return !zip(words, words.dropFirst()).contains { $1.starts(with: $0) }
            }
        }

        /// Whether a genome that the text can be cut into is accepted.
        mutating func reads(_ text: String, _ accepts: (Genome) -> Bool) -> Bool {
            let bytes = Self.bytes(text)
            var genome = smallest, isSet = [Bool](repeating: false, count: options.count)
            // The decisions that were chosen, each with where its piece and its text begin.
            var trail: [(piece: Int, at: Int, decision: Int)] = []
            var piece = 0, at = 0, option = 0
            while stepsLeft > 0 {
                var isCut = true
                if piece == pieces.count {
                    if at == bytes.count {
                        // A name is made of all decisions.
                        stepsLeft -= min(stepsLeft, options.count)
                        if accepts(genome) { return true }
                    }
                    isCut = false
                } else {
                    switch pieces[piece] {
                    case .text(let plain):
                        stepsLeft -= 1
                        isCut = bytes[at...].starts(with: plain)
                        at += isCut ? plain.count : 0
                    case .decision(let decision):
                        // One that was chosen before is the same here.
                        let known = options[decision], chosen = isSet[decision] ? Int(genome.choices[decision]) : nil
                        let first = chosen ?? option, last = chosen ?? known.count - 1
                        var next = first
                        while next <= last, !bytes[at...].starts(with: known[next]) { next += 1 }
                        stepsLeft -= min(stepsLeft, next - first + 1)
                        isCut = next <= last
                        if isCut {
                            if !isSet[decision] {
                                trail.append((piece, at, decision))
                                isSet[decision] = true
                                genome.choices[decision] = UInt8(next)
                            }
                            at += known[next].count
                        }
                    }
                }
                option = 0
                if isCut {
                    piece += 1
                    continue
                }
                guard let back = trail.popLast() else { return false }
                isSet[back.decision] = false
                (piece, at, option) = (back.piece, back.at, Int(genome.choices[back.decision]) + 1)
            }
            return false
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
