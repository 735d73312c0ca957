/// Gathers the faults of one file, so that all are reported at once.
final class FaultCollector {
    private(set) var faults: [FileFault] = []

    /// Notes a fault.
    func report(_ message: String, at position: FilePosition, path: String, hint: String? = nil) {
        faults.append(
            FileFault(
                line: position.line, column: position.column, keyPath: path, message: message, hint: hint,
                overrideKey: position.overrideKey))
    }

    /// Throws everything gathered, in file order, if there is anything.
    func finish(file: String) throws(SearchSpaceError) {
        guard !faults.isEmpty else { return }
        let ordered = faults.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }
        throw .invalidFile(file: file, faults: ordered.map(\.element))
    }
}
