internal import CCurl

/// A request, complete in memory. Its body is sent as it is; no content type is added.
public struct HTTPRequest: Sendable {
    /// The method, such as `GET`.
    public var method: String
    /// The address, `http://…` or `https://…`; over a Unix socket its host is only what the `Host` header says.
    public var url: String
    /// The path of the Unix socket to connect to; nil for TCP.
    public var unixSocket: String?
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// The body; empty for none.
    public var body: [UInt8]
    /// How long and how much.
    public var limits: HTTPLimits
    /// A file of certificates to trust in place of the system's.
    public var certificateAuthorityFile: String?
    /// Asked for the resolved address of every connection before it is made, IPv4-mapped addresses as IPv4; nil permits
    /// all. Such a request never uses a connection of an earlier one. Not asked over a Unix socket.
    public var permits: (@Sendable (IPAddress) -> Bool)?
    /// Ends the request from elsewhere.
    public var cancellation: HTTPCancellation?

    /// Creates a request.
    public init(
        method: String = "GET", url: String, unixSocket: String? = nil,
        headers: [(name: String, value: String)] = [], body: [UInt8] = [], limits: HTTPLimits = HTTPLimits(),
        certificateAuthorityFile: String? = nil, permits: (@Sendable (IPAddress) -> Bool)? = nil,
        cancellation: HTTPCancellation? = nil
    ) {
        self.method = method
        self.url = url
        self.unixSocket = unixSocket
        self.headers = headers
        self.body = body
        self.limits = limits
        self.certificateAuthorityFile = certificateAuthorityFile
        self.permits = permits
        self.cancellation = cancellation
    }
}

extension HTTPRequest {
    /// The address, when the request can be sent as it is.
    ///
    /// libcurl writes header fields as they are given, so a line break within one would begin another.
    func checked() throws(HTTPClientError) -> HTTPURL {
        let address = try HTTPURL(url)
        guard Self.isToken(method) else {
            throw .invalidRequest(url: address.description, reason: "'\(method)' is no method")
        }
        for field in headers {
            guard Self.isToken(field.name) else {
                throw .invalidRequest(url: address.description, reason: "'\(field.name)' is no name of a header field")
            }
            // The value may be a secret: it is not shown.
            guard field.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
                throw .invalidRequest(
                    url: address.description, reason: "the header field '\(field.name)' has a control character")
            }
        }
        if let path = unixSocket {
            guard path.utf8.count <= 107, !path.utf8.contains(0), !path.isEmpty else {
                throw .unreachable(
                    url: address.description, reason: "the path of a Unix socket has 1 to 107 bytes, not '\(path)'")
            }
        }
        return address
    }

    /// Whether a text is a token of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

/// An address as libcurl reads it, so that what is judged here is what is connected to.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether it is `https`.
    public let isSecure: Bool
    /// The host in lower case: a name, or an address without brackets.
    public let host: String
    /// The port, the scheme's own when none is written.
    public let port: Int
    /// The address without user, password, query and fragment, which may be secret.
    public let description: String

    /// Reads an address.
    ///
    /// - Throws: ``HTTPClientError/invalidURL(_:)`` unless it is a whole `http` or `https` address.
    public init(_ text: String) throws(HTTPClientError) {
        guard !text.utf8.contains(0), let parts = curl_url() else { throw .invalidURL(text) }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parts)?.lowercased(), scheme == "http" || scheme == "https",
            let host = Self.part(CURLUPART_HOST, of: parts), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: parts, CURLU_DEFAULT_PORT).flatMap({ Int($0) })
        else { throw .invalidURL(text) }
        for secret in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT] {
            curl_url_set(parts, secret, nil, 0)
        }
        guard let description = Self.part(CURLUPART_URL, of: parts) else { throw .invalidURL(text) }
        isSecure = scheme == "https"
        self.host = (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
        self.port = port
        self.description = description
    }

    private static func part(_ part: CURLUPart, of parts: OpaquePointer, _ flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
