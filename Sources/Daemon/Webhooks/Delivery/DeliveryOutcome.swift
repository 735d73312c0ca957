internal import HTTPClient

/// What an attempt came to.
enum DeliveryOutcome: Sendable, Hashable {
    /// The receiver answered.
    case answered(status: Int, retryAfterSeconds: Int64?)
    /// No answer came; the reason shows no secret, and nothing of the address but its host.
    case failed(reason: String)
    /// The daemon stops; the attempt is made again.
    case interrupted

    /// Whether the message has arrived.
    var isDelivered: Bool {
        if case .answered(200..<300, _) = self { true } else { false }
    }

    /// Whether the receiver wants nothing more, ever.
    var disables: Bool {
        if case .answered(410, _) = self { true } else { false }
    }

    /// Whether the receiver's other messages are held back too.
    var holds: Bool {
        guard case .answered(let status, let retryAfter) = self, !isDelivered else { return false }
        return retryAfter != nil || [429, 502, 504].contains(status)
    }

    /// What the receiver asked for; nil when it has taken the message.
    var retryAfterSeconds: Int64? {
        if case .answered(_, let seconds) = self, !isDelivered { seconds } else { nil }
    }

    /// A few words, such as `200` or `timed out`.
    var text: String {
        switch self {
        case .answered(300..<400, _): "\(code) (redirects are not followed)"
        case .answered(410, _): "\(code) (disabled by the receiver)"
        case .answered: code
        case .failed(let reason): reason
        case .interrupted: "interrupted"
        }
    }

    private var code: String {
        if case .answered(let status, _) = self { "\(status)" } else { "" }
    }

    /// Why a request brought no answer.
    init(_ error: HTTPClientError) {
        self =
            switch error {
            case .invalidURL: .failed(reason: "the address is no http or https one")
            case .invalidRequest(_, let reason): .failed(reason: reason)
            case .unreachable(_, let reason): .failed(reason: "unreachable: \(reason)")
            case .addressNotPermitted(_, let address): .failed(reason: "the address \(address) is not permitted")
            case .timedOut: .failed(reason: "timed out")
            case .notTrusted(_, let reason): .failed(reason: "not trusted: \(reason)")
            case .tooLarge: .failed(reason: "the header of the answer is too large")
            case .broken(_, let reason): .failed(reason: "broken: \(reason)")
            case .cancelled: .interrupted
            }
    }
}
