internal import API
internal import Hummingbird

/// Reads the parameters of a request and reports all faults at once.
struct QueryReader {
    /// The largest number that a parameter may be.
    static let largest = 1_000_000_000_000_000

    private let values: [String: String]
    private(set) var faults: [ProblemDocument.Fault] = []

    /// - Parameter known: The names that the route knows; any other is a fault.
    init(_ request: Request, known: [String]) {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            if !known.contains(name) {
                faults.append(
                    .init(
                        path: name,
                        message: known.isEmpty
                            ? "expected no parameters" : "expected one of \(known.joined(separator: ", "))"))
            } else if values.updateValue(String(value), forKey: name) != nil {
                faults.append(.init(path: name, message: "expected once, found twice"))
            }
        }
        self.values = values
    }

    /// Text; nil when absent.
    func text(_ name: String) -> String? { values[name] }

    /// Text that is not empty; nil when absent.
    mutating func word(_ name: String, among words: [String]) -> String? {
        guard let value = values[name] else { return nil }
        if !words.contains(value) { report(name, "expected one of \(words.joined(separator: ", "))") }
        return value
    }

    /// A whole number within a range.
    mutating func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = values[name] else { return fallback }
        if let value = Int(text), range.contains(value), text.first != "+" { return value }
        report(name, "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        return fallback
    }

    /// True or false.
    mutating func flag(_ name: String, default fallback: Bool) -> Bool {
        guard let text = values[name] else { return fallback }
        if let value = Bool(text) { return value }
        report(name, "expected true or false")
        return fallback
    }

    mutating func report(_ name: String, _ message: String) { faults.append(.init(path: name, message: message)) }

    /// - Throws: ``Problem`` with everything that was wrong.
    func finish() throws {
        guard faults.isEmpty else { throw Problem(422, "the parameters are not as expected", errors: faults) }
    }
}
