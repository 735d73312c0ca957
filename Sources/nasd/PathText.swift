internal import ArgumentParser

/// A path on the command line.
enum PathText {
    /// Takes a text that is not empty: a variable of a script that is not set would mean the current folder.
    static func checked(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("expected a path, found an empty text") }
        return text
    }
}
