internal import Logging

extension Logger {
    /// The logger for the libraries underneath, whose own lines below warnings are for their developers.
    var quiet: Logger {
        var quiet = self
        quiet.logLevel = max(logLevel, .warning)
        return quiet
    }
}
