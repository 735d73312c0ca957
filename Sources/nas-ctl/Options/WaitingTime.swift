internal import ArgumentParser

/// A span of time on the command line: seconds, or a number with `s`, `m`, `h` or `d`.
struct WaitingTime: ExpressibleByArgument, Equatable {
    /// In seconds.
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
            let value = Double(digits), value * (unit ?? 1) <= 1e9
        else { return nil }
        seconds = value * (unit ?? 1)
    }

    var defaultValueDescription: String { "\(seconds) s" }
}
