internal import Foundation
internal import HTTPClient

/// The requests that a daemon answers, typed; each blocks the calling thread until its answer is there.
///
/// One thread at a time may use it.
public final class APIClient {
    /// Where the daemon is.
    public let endpoint: Endpoint
    /// The most that a document may take, whatever its request grants it; nil for what that grants.
    public var patienceMilliseconds: Int?
    private let http: HTTPClient
    private let token: APIToken?
    private let certificateAuthorityFile: String?

    /// Creates a client without connections.
    ///
    /// - Parameters:
    ///   - tokenFile: The file of the token; not read for a Unix socket, which needs none.
    ///   - certificateAuthorityFile: Certificates to trust in place of the system's.
    ///   - userAgent: What the client calls itself, such as `nas-ctl/1.0`.
    /// - Throws: `APIClientError.tokenNotSent` when the token would travel in the clear, `unusableFile` when a file cannot
    ///   be read.
    public init(
        endpoint: Endpoint, tokenFile: String? = nil, certificateAuthorityFile: String? = nil, userAgent: String
    ) throws(APIClientError) {
        self.endpoint = endpoint
        self.certificateAuthorityFile = certificateAuthorityFile
        if case .network = endpoint.address, let tokenFile {
            guard endpoint.keepsSecrets else { throw .tokenNotSent(endpoint: endpoint.description) }
            token = try APIToken(file: tokenFile)
        } else {
            token = nil
        }
        if let certificateAuthorityFile, access(certificateAuthorityFile, R_OK) != 0 {
            throw .unusableFile(
                path: certificateAuthorityFile, purpose: "certificate file", reason: String(cString: strerror(errno)))
        }
        http = HTTPClient(userAgent: userAgent)
    }

    // MARK: - Requests of the resources

    /// What a request brings along.
    struct Message {
        var method = "GET"
        var path: [String]
        var query: [(name: String, value: String?)] = []
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var limits = HTTPLimits()
    }

    /// Sends a request and reads the document that answers it.
    func document<Document: Decodable>(
        _ message: Message, as type: Document.Type = Document.self
    ) throws(APIClientError) -> Document {
        let body = try send(message).body
        do {
            return try WireFormat.decode(type, from: Data(body))
        } catch {
            throw unexpected("no \(type) that this version reads: \(Self.text(of: error))")
        }
    }

    /// Sends a request and returns its answer, if that is no problem.
    @discardableResult
    func send(_ message: Message) throws(APIClientError) -> HTTPResponse {
        let response: HTTPResponse
        do {
            response = try http.send(request(message))
        } catch {
            throw translate(error)
        }
        guard (200..<300).contains(response.head.status) else {
            throw failure(status: response.head.status, body: response.body)
        }
        return response
    }

    /// Sends a request and hands its answer on as it comes.
    ///
    /// - Parameters:
    ///   - head: Gets the header before any of the body.
    ///   - receive: Gets every part of the body; false ends the request.
    /// - Returns: Whether the answer came to its end.
    func stream(
        _ message: Message, head: (HTTPHead) -> Void = { _ in }, _ receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(APIClientError) -> Bool {
        var status = 0
        // The body of a problem is collected; it is small, or it is none.
        var problem: [UInt8] = []
        do {
            try http.stream(request(message)) {
                status = $0.status
                if (200..<300).contains(status) { head($0) }
                return true
            } body: { part in
                if (200..<300).contains(status) { return receive(part) }
                problem += part.prefix(1 << 20)
                return problem.count < 1 << 20
            }
        } catch {
            if case .cancelled = error, (200..<300).contains(status) { return false }
            guard case .cancelled = error, status != 0 else { throw translate(error) }
        }
        guard (200..<300).contains(status) else { throw failure(status: status, body: problem) }
        return true
    }

    /// The daemon's answer makes no sense.
    func unexpected(_ reason: String) -> APIClientError {
        .unexpectedAnswer(endpoint: endpoint.description, reason: reason)
    }

    private func request(_ message: Message) -> HTTPRequest {
        var limits = message.limits
        if let patienceMilliseconds {
            limits.totalMilliseconds = min(patienceMilliseconds, limits.totalMilliseconds ?? .max)
        }
        var request = HTTPRequest(
            method: message.method,
            url: endpoint.base + PercentEncoding.path(message.path) + PercentEncoding.query(message.query),
            headers: message.headers, body: message.body, limits: limits,
            certificateAuthorityFile: certificateAuthorityFile)
        if case .socket(let path) = endpoint.address { request.unixSocket = path }
        if let token {
            request.headers.append(("Authorization", "Bearer \(token.text)"))
            // A name such as localhost is held to what it resolves to.
            if case .network(_, _, isEncrypted: false) = endpoint.address { request.permits = Endpoint.isLoopback }
        }
        return request
    }

    private func failure(status: Int, body: [UInt8]) -> APIClientError {
        if let problem = try? WireFormat.decode(ProblemDocument.self, from: Data(body)) { return .problem(problem) }
        // A proxy on the way writes no problems.
        return .problem(
            ProblemDocument(title: "HTTP status \(status)", status: status, detail: "\(endpoint) answered \(status)"))
    }

    private func translate(_ error: HTTPClientError) -> APIClientError {
        switch error {
        case .invalidURL(let url): return .invalidEndpoint(text: endpoint.description, reason: "no address: \(url)")
        case .invalidRequest(_, let reason): return .invalidRequest(reason: reason)
        case .unreachable(_, let reason):
            // The socket itself, or a folder on the way to it.
            if case .socket(let path) = endpoint.address, access(path, W_OK) != 0, errno == EACCES {
                return .socketNotPermitted(path: path)
            }
            // Over a socket, the reason would name a host and a port.
            guard case .socket(let path) = endpoint.address else {
                return .unreachable(endpoint: endpoint.description, reason: reason)
            }
            return .unreachable(
                endpoint: endpoint.description,
                reason: access(path, F_OK) == 0 ? "nobody listens at the socket" : "there is no such socket")
        case .addressNotPermitted: return .tokenNotSent(endpoint: endpoint.description)
        case .timedOut: return .unreachable(endpoint: endpoint.description, reason: "it did not answer in time")
        case .notTrusted(_, let reason): return .notTrusted(endpoint: endpoint.description, reason: reason)
        case .tooLarge(_, let limit): return unexpected("an answer of more than \(limit) bytes")
        case .broken(_, let reason): return .broken(endpoint: endpoint.description, reason: reason)
        case .cancelled: return .broken(endpoint: endpoint.description, reason: "no longer wanted")
        }
    }

    private static func text(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return "no \((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "another type of \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        case .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "no JSON" : "a damaged \(path)"
        @unknown default: return "\(error)"
        }
    }
}
