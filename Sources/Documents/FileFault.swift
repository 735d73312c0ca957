/// One thing wrong with a user's file: where, what was expected and, where one is known, a hint.
public struct FileFault: Sendable, Hashable, CustomStringConvertible {
    /// The line, counted from 1; 0 for a fault of an override.
    public let line: Int
    /// The column in Unicode scalars, counted from 1; 0 for a fault of an override.
    public let column: Int
    /// The keys that lead to the place, such as `train.optimizer.rate`; empty for the whole file.
    public let keyPath: String
    /// What was expected and what was found.
    public let message: String
    /// A suggestion, such as `did you mean 'depth'?`.
    public let hint: String?
    /// The key of the command-line override that brought the value, or nil when the file did.
    public let overrideKey: String?

    /// Creates a fault.
    public init(
        line: Int, column: Int, keyPath: String, message: String, hint: String? = nil, overrideKey: String? = nil
    ) {
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.message = message
        self.hint = hint
        self.overrideKey = overrideKey
    }

    /// The fault without the name of its file.
    public var description: String { text(file: nil) }

    /// The fault as one line, `file:line:column: keyPath: message; hint: …`.
    ///
    /// A fault of an override starts with `--set key` in place of the file.
    public func text(file: String?) -> String {
        var text: String
        if let overrideKey {
            text = "--set \(overrideKey): "
        } else {
            text = (file.map { "\($0):" } ?? "") + "\(line):\(column): "
        }
        if !keyPath.isEmpty, keyPath != overrideKey { text += "\(keyPath): " }
        text += message
        if let hint { text += "; hint: \(hint)" }
        return text
    }
}

/// Where a value comes from: a place in the file, or an override of the command line.
package struct FilePosition: Sendable, Hashable {
    package var line: Int
    package var column: Int
    package var overrideKey: String?

    package static let start = FilePosition(line: 1, column: 1)

    package static func override(_ key: String) -> FilePosition { FilePosition(line: 0, column: 0, overrideKey: key) }
}
