internal import API
internal import Documents
internal import SearchSpaces
internal import UserFiles

/// A failure that ends the program: what to print on standard error and the code to end with.
struct Failure: Error {
    let code: ExitStatus
    let message: String

    init(code: ExitStatus, message: String) {
        self.code = code
        self.message = message
    }

    /// The failure that any error of the libraries means; the one place that maps errors to exit codes.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as APIClientError:
            self.init(code: error.exitStatus, message: "error: \(error)\(Self.hint(for: error))")
        case let error as UserFileError: self.init(code: error.exitStatus, message: "error: \(error)")
        case let error as any UserInputError: self.init(code: error.exitStatus, message: error.line)
        default: self.init(code: .failure, message: "error: \(error)")
        }
    }

    /// Runs what reads or writes a file of the user's and maps its error.
    static func ofFile<Value>(_ body: () throws(UserFileError) -> Value) throws(Failure) -> Value {
        do throws(UserFileError) {
            return try body()
        } catch {
            throw Failure(error)
        }
    }

    /// Wrong usage of a command line.
    static func usage(_ message: String) -> Failure { Failure(code: .usage, message: "error: \(message)") }

    // The daemon speaks of a header, which nobody writes on a command line.
    private static func hint(for error: APIClientError) -> String {
        guard case .problem(let problem) = error, problem.status == 401 else { return "" }
        return "; name the file of the token in NAS_CTL_TOKEN_FILE"
    }
}
