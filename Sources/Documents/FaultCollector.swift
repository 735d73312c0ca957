/// Where a document comes from, and so how strictly it is read.
public enum DocumentOrigin: Sendable {
    /// Handed in by somebody: everything that there is to say of it is said.
    case user
    /// Written by this program, from a document that some version of it accepted: only what cannot be understood is a fault.
    case store
}

/// Gathers the faults of one file, so that all are reported at once.
package final class FaultCollector {
    /// Where the file comes from.
    package let origin: DocumentOrigin
    /// The first faults, in the order in which they were found.
    package private(set) var faults: [FileFault] = []
    /// What the keys accept that were asked for so far; nil where nobody wants to know.
    package private(set) var rules: [KeyRule]?
    private var dropped = 0

    /// Faults that are told; a file with more of them is no file that somebody meant.
    package static let most = 100

    package init(_ origin: DocumentOrigin = .user, recordsRules: Bool = false) {
        self.origin = origin
        rules = recordsRules ? [] : nil
    }

    /// How many faults were reported.
    package var count: Int { faults.count + dropped }

    /// Notes a fault; past the most that are told, its text is not even made.
    package func report(
        _ message: @autoclosure () -> String, at position: FilePosition, path: @autoclosure () -> String,
        hint: @autoclosure () -> String? = nil
    ) {
        guard faults.count < Self.most else {
            dropped += 1
            return
        }
        faults.append(
            FileFault(
                line: position.line, column: position.column, keyPath: path(), message: message(), hint: hint(),
                overrideKey: position.overrideKey))
    }

    /// Notes what a key accepts.
    package func note(_ path: @autoclosure () -> String, _ kind: KeyRule.Kind) {
        if rules != nil { rules?.append(KeyRule(path: path(), kind: kind)) }
    }

    /// Throws everything gathered, in file order, if there is anything.
    package func finish(file: String) throws(DocumentError) {
        guard !faults.isEmpty else { return }
        var ordered = faults.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }.map(\.element)
        if dropped > 0, let last = ordered.last {
            ordered.append(
                FileFault(
                    line: last.line, column: last.column, keyPath: "",
                    message: "and \(dropped) more fault\(dropped == 1 ? "" : "s"); mend these first"))
        }
        throw .invalidFile(file: file, faults: ordered)
    }
}

/// What a key of a file accepts, as its reader says: for tests that try every key at every edge.
package struct KeyRule: Sendable, Hashable {
    /// What a value must be.
    package enum Kind: Sendable, Hashable {
        /// A whole number.
        case integer(ClosedRange<Int>)
        /// A number.
        case number(ClosedRange<Double>, excludingLowest: Bool)
        /// A list of numbers, ascending.
        case numbers(ClosedRange<Double>, whole: Bool)
        /// Something else.
        case other
    }

    /// The keys that lead to it, such as `train.optimizer.rate`.
    package let path: String
    /// What it accepts.
    package let kind: Kind

    /// What every key accepts that a reading asks for, whatever becomes of it.
    package static func recorded(_ read: (FaultCollector) throws -> Void) -> [KeyRule] {
        let collector = FaultCollector(recordsRules: true)
        try? read(collector)
        return collector.rules ?? []
    }
}
