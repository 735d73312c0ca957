internal import HTTPClient

/// Where webhooks may go: to public addresses over https, and to what is permitted by name.
///
/// A run brings its own address, so that without this anyone who may submit one could make the daemon speak to services
/// within its network.
public struct AddressPolicy: Sendable, Hashable {
    private let hosts: Set<String>
    private let ranges: [AddressRange]

    /// Public addresses only.
    public static let publicOnly = AddressPolicy(hosts: [], ranges: [])

    private init(hosts: Set<String>, ranges: [AddressRange]) {
        self.hosts = hosts
        self.ranges = ranges
    }

    /// Permits more than public addresses.
    ///
    /// - Parameter allow: Host names, addresses and networks. A host of the list may resolve to any address; hosts and
    ///   addresses of the list may be spoken to over plain http.
    /// - Throws: ``WebhookError/malformedAllowance(entry:)``.
    public init(allow: [String]) throws(WebhookError) {
        var hosts: Set<String> = []
        var ranges: [AddressRange] = []
        for entry in allow {
            if let range = AddressRange(entry) {
                ranges.append(range)
            } else if let host = Self.host(entry) {
                hosts.insert(host)
            } else {
                throw .malformedAllowance(entry: entry)
            }
        }
        self.init(hosts: hosts, ranges: ranges)
    }

    /// The same, with receivers on this machine permitted: what `nasd run` does, whose user could speak to them anyway.
    public var permittingLoopback: AddressPolicy {
        let loopback = ["127.0.0.0/8", "::1"].compactMap(AddressRange.init)
        return AddressPolicy(hosts: hosts.union(["localhost"]), ranges: ranges + loopback)
    }

    /// Holds an address against the policy as far as that is possible before its name is resolved.
    ///
    /// - Throws: ``WebhookError``.
    public func check(url: String) throws(WebhookError) {
        let address: HTTPURL
        do { address = try HTTPURL(url) } catch { throw .malformedAddress(url) }
        if hosts.contains(address.host) { return }
        if let literal = IPAddress(address.host) {
            if permits(literal, of: address) { return }
            throw ranges.contains { $0.contains(literal.unmapped) } || literal.isPublic
                ? .insecureAddress(url: address.description)
                : .addressNotPermitted(url: address.description, address: address.host)
        }
        if address.isSecure || !ranges.isEmpty { return }
        throw .insecureAddress(url: address.description)
    }

    /// Whether a connection to a resolved address of a host is permitted.
    func permits(_ resolved: IPAddress, of address: HTTPURL) -> Bool {
        hosts.contains(address.host) || ranges.contains { $0.contains(resolved.unmapped) }
            || address.isSecure && resolved.isPublic
    }

    /// A host name in lower case; nil when the text is none.
    private static func host(_ text: String) -> String? {
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count < 64
                && label.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
                }
        }
        // Four numbers out of range were meant as an address.
        guard isName, name.utf8.count <= 253, labels.last?.first?.isLetter == true else { return nil }
        return name
    }
}
