internal import Documents
internal import Foundation

/// One choice that a search space leaves open: a name, where it applies, when it counts, and the options to pick from.
public struct Decision: Sendable, Hashable {
    /// Where in the network a decision applies.
    public enum Scope: Sendable, Hashable, CustomStringConvertible {
        /// The whole network.
        case network
        /// A stage of blocks, counted from 0.
        case stage(Int)
        /// One block, counted from 0.
        case block(Int)

        /// Whether it is one of many that costs add up over.
        var isBlock: Bool { if case .block = self { true } else { false } }

        public var description: String {
            switch self {
            case .network: "network"
            case .stage(let index): "stage.\(index)"
            case .block(let index): "block.\(index)"
            }
        }
    }

    /// When a decision counts; one that does not is 0 in the canonical form.
    public enum Activity: Sendable, Hashable {
        /// In every architecture.
        case always
        /// Where the option of another decision, which is always active, is greater than a position: the block at that
        /// position of a stage of so many blocks.
        case below(decision: Int, position: Int)
    }

    /// The key of the space file, such as `heads`.
    public let name: String
    /// Where the decision applies.
    public let scope: Scope
    /// When the decision counts.
    public let activity: Activity
    /// The values to choose from, ascending for ordinal decisions; places in ``words`` where options are words. At most 256.
    public let options: [Double]
    /// The options as words; nil where they are numbers.
    public let words: [String]?
    /// Whether neighbouring options are alike, as sizes are.
    public let isOrdinal: Bool

    /// Creates a decision.
    public init(
        name: String, scope: Scope, activity: Activity = .always, options: [Double], isOrdinal: Bool = true
    ) {
        self.name = name
        self.scope = scope
        self.activity = activity
        self.options = options
        self.isOrdinal = isOrdinal
        words = nil
    }

    /// The probability of each option where one is drawn `lean` times as often as the next smaller one; options without an
    /// order are drawn alike.
    public func probabilities(lean: Double) -> [Double] {
        let weights = options.indices.map { isOrdinal ? pow(lean, Double($0)) : 1 }
        let total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// Creates a decision between words.
    public init(
        name: String, scope: Scope, activity: Activity = .always, words: [String], isOrdinal: Bool = false
    ) {
        self.name = name
        self.scope = scope
        self.activity = activity
        self.words = words
        self.isOrdinal = isOrdinal
        options = words.indices.map(Double.init)
    }

    /// The name with the number of the stage or block: `embed`, `depth.1`, `heads.3`.
    public var fullName: String {
        switch scope {
        case .network: name
        case .stage(let index), .block(let index): "\(name).\(index)"
        }
    }

    /// An option as genome texts have it.
    public func text(of option: Int) -> String { words?[option] ?? ShortNumber.text(options[option]) }

    /// All options as genome texts have them.
    public var optionTexts: [String] { options.indices.map(text) }

    /// The option of a text; nil where none is meant.
    public func option(of text: some StringProtocol) -> Int? {
        if let words { return words.firstIndex { $0 == text } }
        return Double(String(text)).flatMap { options.firstIndex(of: $0) }
    }
}
