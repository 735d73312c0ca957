/// The exit codes of the programs, in one place.
enum ExitStatus: Int32 {
    /// All went well.
    case ok = 0
    /// Something failed.
    case failure = 1
    /// Wrong usage or an invalid file; the argument parser's own 64 is mapped here.
    case usage = 2
    /// What was named does not exist.
    case notFound = 3
    /// Something else is in the way: another process, another run, other numerics.
    case conflict = 5
    /// The run ended failed or cancelled.
    case runFailed = 7
    /// Stopped by SIGINT, with a checkpoint.
    case interrupted = 130
    /// Stopped by SIGTERM, with a checkpoint.
    case terminated = 143
}
