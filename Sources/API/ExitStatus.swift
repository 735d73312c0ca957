public import Documents

/// The exit codes of both programs, in one place.
public enum ExitStatus: Int32, Sendable {
    /// All went well.
    case ok = 0
    /// Something failed.
    case failure = 1
    /// Wrong usage or an invalid file; the argument parser's own 64 is mapped here.
    case usage = 2
    /// What was named does not exist.
    case notFound = 3
    /// No daemon answers.
    case unreachable = 4
    /// Something else is in the way: another process, another run, other numerics, a state that does not permit it.
    case conflict = 5
    /// The token is missing or wrong, or a file may not be read.
    case notPermitted = 6
    /// The run ended failed or cancelled.
    case runFailed = 7
    /// `wait` waited long enough.
    case timedOut = 124
    /// Stopped by SIGHUP, with a checkpoint.
    case hungUp = 129
    /// Stopped by SIGINT, with a checkpoint.
    case interrupted = 130
    /// Stopped by SIGUSR1, with a checkpoint.
    case stoppedByUser1 = 138
    /// Stopped by SIGTERM, with a checkpoint.
    case terminated = 143
    /// Stopped by SIGXCPU, with a checkpoint.
    case outOfProcessorTime = 152
}

extension UserInputError {
    /// The exit code that the error ends either program with.
    public var exitStatus: ExitStatus { isNotFound ? .notFound : .usage }

    /// The error as either program prints it.
    public var line: String { beginsWithPlace ? "\(self)" : "error: \(self)" }
}
