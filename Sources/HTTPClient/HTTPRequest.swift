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
