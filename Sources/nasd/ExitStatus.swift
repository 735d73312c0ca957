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
}

/// A failure that ends the program: what to print on standard error and the code to end with.
struct Failure: Error {
    let code: ExitStatus
    let message: String
}
