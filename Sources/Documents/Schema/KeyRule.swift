/// What a key of a file accepts, as its reader says: for schemas, and for tests that try every key at every edge.
package struct KeyRule: Sendable, Hashable {
    /// What a value must be.
    package enum Kind: Sendable, Hashable {
        /// A whole number.
        case integer(ClosedRange<Int>)
        /// A number.
        case number(ClosedRange<Double>, excludingLowest: Bool)
        /// A list of numbers, ascending.
        case numbers(ClosedRange<Double>, whole: Bool)
        /// A number with a unit, such as `2T`.
        case scaled
        /// True or false.
        case flag
        /// Text.
        case text
        /// A name of a run or a space.
        case name
        /// One of some words.
        case words([String])
        /// A list; its items have rules of their own.
        case list(atLeastOne: Bool, atMost: Int)
        /// A mapping; its keys have rules of their own.
        case mapping
        /// A mapping whose keys are names of the file's own.
        case names
        /// Something else, or known elsewhere.
        case other
    }

    /// The keys that lead to it, such as `train.optimizer.rate`.
    package let path: String
    /// What it accepts.
    package let kind: Kind
    /// Whether a file must have it, as far as the reader that says so knows.
    package let isRequired: Bool
    /// What stands for it where a file has it not, as JSON; nil for nothing.
    package let fallback: String?

    /// Whether it is a number, or a list of them.
    package var isNumeric: Bool {
        switch kind {
        case .integer, .number, .numbers: true
        default: false
        }
    }

    /// What every key accepts that a reading asks for, whatever becomes of it.
    package static func recorded(_ read: (FaultCollector) throws -> Void) -> [KeyRule] {
        let collector = FaultCollector(recordsRules: true)
        try? read(collector)
        return collector.rules ?? []
    }
}
