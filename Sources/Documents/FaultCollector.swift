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
    /// What keys mean, by their paths; nothing where nobody wants to know.
    package private(set) var texts: [String: String] = [:]
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
    ///
    /// - Parameter fallback: What stands for the key where a file has it not, as JSON.
    package func note(
        _ path: @autoclosure () -> String, _ kind: @autoclosure () -> KeyRule.Kind, isRequired: Bool = false,
        fallback: @autoclosure () -> String? = nil
    ) {
        guard rules != nil else { return }
        rules?.append(KeyRule(path: path(), kind: kind(), isRequired: isRequired, fallback: fallback()))
    }

    /// Notes what a key means.
    package func describe(_ path: @autoclosure () -> String, _ text: String) {
        if rules != nil { texts[path()] = text }
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
