/// Why a request brought no answer.
public enum HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address is none, or of another protocol than http and https.
    case invalidURL(String)
    /// The method or a header field cannot be sent.
    case invalidRequest(url: String, reason: String)
    /// Nobody answers: no such host or socket, or the connection is refused.
    case unreachable(url: String, reason: String)
    /// The resolved address is not permitted.
    case addressNotPermitted(url: String, address: String)
    /// It took too long.
    case timedOut(url: String)
    /// The certificate or the handshake failed.
    case notTrusted(url: String, reason: String)
    /// The answer is larger than permitted.
    case tooLarge(url: String, limitBytes: Int)
    /// The connection broke, or what came was no HTTP.
    case broken(url: String, reason: String)
    /// Whoever reads the answer wanted no more of it, or the request was cancelled.
    case cancelled(url: String)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .invalidURL(let url): "'\(url)' is no http or https address; write it as http://host:port/path"
        case .invalidRequest(let url, let reason): "the request to \(url) cannot be sent: \(reason)"
        case .unreachable(let url, let reason): "\(url) cannot be reached: \(reason); check the address and the server"
        case .addressNotPermitted(let url, let address):
            "\(url) resolves to \(address), which is not permitted; permit it if it is meant"
        case .timedOut(let url): "\(url) did not answer in time; try again later"
        case .notTrusted(let url, let reason): "\(url) is not trusted: \(reason); check its certificate"
        case .tooLarge(let url, let limit): "\(url) answered with more than \(limit) bytes; ask for less"
        case .broken(let url, let reason): "\(url): the connection broke: \(reason); try again"
        case .cancelled(let url): "\(url): no longer wanted"
        }
    }
}
