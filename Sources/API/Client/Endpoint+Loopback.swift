internal import HTTPClient

extension Endpoint {
    /// Whether a token may be sent there: encrypted, or never leaving this machine.
    public var keepsSecrets: Bool {
        switch address {
        case .socket: true
        case .network(let host, _, let isEncrypted): isEncrypted || Self.isLoopback(host: host)
        }
    }

    private static func isLoopback(host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        return IPAddress(host).map(isLoopback) ?? false
    }

    /// Whether a resolved address stays on this machine.
    @Sendable static func isLoopback(_ address: IPAddress) -> Bool {
        let bytes = address.unmapped.bytes
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}
