extension APIClientError {
    /// The exit code that the error ends a program with; the one table of them.
    public var exitStatus: ExitStatus {
        switch self {
        case .invalidEndpoint, .invalidRequest: .usage
        case .noDaemon, .unreachable, .notTrusted, .broken: .unreachable
        case .socketNotPermitted, .tokenNotSent: .notPermitted
        case .unusableFile: .notPermitted
        case .problem(let problem): Self.exitStatus(of: problem.status)
        case .unexpectedAnswer: .failure
        }
    }

    private static func exitStatus(of status: Int) -> ExitStatus {
        switch status {
        case 400, 422: .usage
        case 401, 403: .notPermitted
        case 404: .notFound
        case 409, 412: .conflict
        default: .failure
        }
    }
}
