/// Why a daemon could not be asked, or what it answered.
public enum APIClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text names no daemon.
    case invalidEndpoint(text: String, reason: String)
    /// What was asked cannot be put into a request.
    case invalidRequest(reason: String)
    /// No socket lies in any of the usual places.
    case noDaemon(searched: [String])
    /// Nobody answers there.
    case unreachable(endpoint: String, reason: String)
    /// The socket is there, and this user may not use it.
    case socketNotPermitted(path: String)
    /// The daemon's certificate is not trusted.
    case notTrusted(endpoint: String, reason: String)
    /// The connection broke on the way.
    case broken(endpoint: String, reason: String)
    /// A file that was named cannot be used.
    case unusableFile(path: String, purpose: String, reason: String)
    /// The token would travel in the clear.
    case tokenNotSent(endpoint: String)
    /// The daemon said no.
    case problem(ProblemDocument)
    /// What came is no answer of a daemon.
    case unexpectedAnswer(endpoint: String, reason: String)

    /// Whether the same request may succeed in a moment, as while the daemon starts again.
    public var isTransient: Bool {
        switch self {
        case .noDaemon, .unreachable, .broken: true
        case .problem(let problem): [502, 503, 504].contains(problem.status)
        default: false
        }
    }

    /// What, where and how to mend it; a problem has one line for each of its faults.
    public var description: String {
        switch self {
        case .invalidEndpoint(let text, let reason): return "endpoint '\(text)': \(reason)"
        case .invalidRequest(let reason): return "the request cannot be sent: \(reason)"
        case .noDaemon(let searched):
            return "no daemon: no socket at \(searched.joined(separator: ", ")); start one with nasd serve, "
                + "or name its address with --endpoint or NAS_CTL_ENDPOINT"
        case .unreachable(let endpoint, let reason):
            return "no daemon answers at \(endpoint): \(reason); start it, or check --endpoint and NAS_CTL_ENDPOINT"
        case .socketNotPermitted(let path):
            return "no permission to use the socket \(path); join the group that owns it or its folder "
                + "(socketGroup of nasd serve; of a service the group nasd)"
        case .notTrusted(let endpoint, let reason):
            return "the daemon at \(endpoint) is not trusted: \(reason); name the file of its authority with --ca-file"
        case .broken(let endpoint, let reason):
            return "the connection to the daemon at \(endpoint) broke: \(reason); try again"
        case .unusableFile(let path, let purpose, let reason): return "\(purpose) \(path): \(reason)"
        case .tokenNotSent(let endpoint):
            return "the token is not sent over plain http to \(endpoint), where others could read it; "
                + "use https or a Unix socket, or unset NAS_CTL_TOKEN_FILE"
        case .problem(let problem):
            let faults = (problem.errors ?? []).map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
            let summary = problem.detail ?? problem.title
            // A single fault may say it all.
            let isSaid = (problem.errors ?? []).contains { $0.message.hasPrefix(summary) }
            return ((isSaid ? [] : [summary]) + faults).joined(separator: "\n")
        case .unexpectedAnswer(let endpoint, let reason):
            return "\(endpoint) answered what no nasd does: \(reason); check --endpoint and NAS_CTL_ENDPOINT"
        }
    }
}

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
