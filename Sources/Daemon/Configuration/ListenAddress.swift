internal import HTTPClient

/// A TCP address to listen on: an IP address and a port.
public struct ListenAddress: Sendable, Hashable {
    /// The IP address.
    public let host: String
    /// The port; 0 lets the system choose.
    public let port: Int

    /// Reads `127.0.0.1:8642` or `[::1]:8642`; nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        guard IPAddress(host) != nil else { return nil }
        self.host = host
        self.port = port
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}
