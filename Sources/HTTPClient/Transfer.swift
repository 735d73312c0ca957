internal import CCurl
internal import Glibc

/// One request on its way: what libcurl's callbacks need, and what they found out.
///
/// Touched on the thread of the request alone: libcurl calls back from within the calls that are made to it.
final class Transfer {
    /// The most that the header of an answer may bring, interim answers and trailers included.
    static let headLimitBytes = 256 << 10

    let url: String
    /// Why the callbacks ended the transfer; nil when they did not.
    private(set) var stopped: HTTPClientError?
    private let head: (HTTPHead) -> Bool
    private let body: (UnsafeRawBufferPointer) -> Bool
    private let permits: ((IPAddress) -> Bool)?
    private var fields: [(name: String, value: String)] = []
    private var status = 0
    private var headBytes = 0
    private var hasHead = false
    private var refused: IPAddress?
    private var hasPermitted = false

    init(
        url: String, permits: ((IPAddress) -> Bool)?, head: @escaping (HTTPHead) -> Bool,
        body: @escaping (UnsafeRawBufferPointer) -> Bool
    ) {
        self.url = url
        self.permits = permits
        self.head = head
        self.body = body
    }

    /// The address that was refused, when none of the host's was permitted.
    var refusedAddress: IPAddress? { hasPermitted ? nil : refused }

    /// Takes one line of the header.
    ///
    /// - Returns: False to end the transfer.
    func take(line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= Self.headLimitBytes else {
            stopped = .tooLarge(url: url, limitBytes: Self.headLimitBytes)
            return false
        }
        guard !hasHead else { return true }  // a trailer
        let text = String(decoding: line, as: UTF8.self).trimmingSuffix { $0.isNewline }
        if text.isEmpty {
            guard status >= 200 else { return true }  // an interim answer; the real one follows
            hasHead = true
            guard head(HTTPHead(status: status, fields: fields)) else {
                stopped = .cancelled(url: url)
                return false
            }
        } else if text.hasPrefix("HTTP/") {
            status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
            fields = []
        } else if text.first == " " || text.first == "\t", let last = fields.popLast() {
            fields.append((last.name, last.value + " " + text.trimmingBlanks))
        } else if let colon = text.firstIndex(of: ":") {
            fields.append((text[..<colon].lowercased(), text[text.index(after: colon)...].trimmingBlanks))
        }
        return true
    }

    /// Takes a part of the body.
    ///
    /// - Returns: False to end the transfer.
    func take(body part: UnsafeRawBufferPointer) -> Bool {
        if body(part) { return true }
        stopped = .cancelled(url: url)
        return false
    }

    /// Opens a socket for an address, if it is permitted.
    func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        // The address is as long as its family needs, whatever the type of the field says.
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 16
        let target = IPAddress(
            UnsafeRawPointer(address) + offset, family: address.pointee.family, length: Int(address.pointee.addrlen))
        if let permits {
            guard let target, permits(target) else {
                refused = target ?? refused
                return -1
            }
            hasPermitted = true
        }
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return String(self[..<end])
    }

    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " || $0 == "\t" }).trimmingSuffix { $0 == " " || $0 == "\t" }
    }
}

extension Transfer {
    /// What the end of a transfer means; nil when it went well.
    func failure(_ code: CURLcode, reason: () -> String) -> HTTPClientError? {
        if code == CURLE_OK { return nil }
        if let stopped { return stopped }
        switch code {
        case CURLE_URL_MALFORMAT: return .invalidURL(url)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            if let refusedAddress { return .addressNotPermitted(url: url, address: refusedAddress.description) }
            return .unreachable(url: url, reason: reason())
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(url: url)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_INITFAILED:
            return .notTrusted(url: url, reason: reason())
        default: return .broken(url: url, reason: reason())
        }
    }
}

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
