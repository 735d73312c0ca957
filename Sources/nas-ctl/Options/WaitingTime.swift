internal import ArgumentParser

/// A span of time on the command line: seconds, or a number with `s`, `m`, `h` or `d`.
struct WaitingTime: Equatable {
    /// In seconds.
    let seconds: Double

    /// Reads the text.
    ///
    /// - Throws: `ValidationError` with what is expected.
    init(argument: String) throws {
        guard let seconds = SpanText.seconds(of: argument) else {
            throw ValidationError("expected seconds, or a number with s, m, h or d such as 5m, found '\(argument)'")
        }
        self.seconds = seconds
    }
}
