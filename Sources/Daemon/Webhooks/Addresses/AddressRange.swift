internal import HTTPClient

/// A network: the addresses that share their leading bits (CIDR), such as `10.0.0.0/8`.
struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bitCount: Int

    /// Reads a network, or an address as a network of its own; nil when the text is neither.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        bytes = address.bytes
        guard parts.count == 2 else {
            bitCount = bytes.count * 8
            return
        }
        let digits = parts[1]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(digits), count <= bytes.count * 8
        else { return nil }
        bitCount = count
    }

    /// Whether an address lies in it; an IPv4 address never lies in an IPv6 network.
    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = bitCount / 8
        guard address.bytes[..<whole] == bytes[..<whole] else { return false }
        let rest = bitCount % 8
        return rest == 0 || (address.bytes[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
    }
}

extension IPAddress {
    /// Whether the address is a public one: globally reachable by the special-purpose registries of IANA (RFC 6890),
    /// and so is any IPv4 address that it carries.
    var isPublic: Bool {
        let address = unmapped
        if address.bytes.count == 4 { return !Self.special.contains { $0.contains(address) } }
        if let carried = address.carried { return carried.isPublic }
        return Self.global.contains { $0.contains(address) } && !Self.special.contains { $0.contains(address) }
    }

    /// The IPv4 address that a NAT64 address (RFC 6052) or a 6to4 one (RFC 3056) leads to.
    private var carried: IPAddress? {
        if Self.nat64.contains(where: { $0.contains(self) }) { return IPAddress(bytes: Array(bytes[12...])) }
        if Self.sixToFour.contains(where: { $0.contains(self) }) { return IPAddress(bytes: Array(bytes[2..<6])) }
        return nil
    }

    private static let nat64 = ["64:ff9b::/96"].compactMap(AddressRange.init)
    private static let sixToFour = ["2002::/16"].compactMap(AddressRange.init)
    /// All that is assigned as global unicast; loopback, link-local, unique local and multicast lie outside.
    private static let global = ["2000::/3"].compactMap(AddressRange.init)
    private static let special = [
        "0.0.0.0/8",  // this network
        "10.0.0.0/8",  // private
        "100.64.0.0/10",  // carrier-grade NAT
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local, and the metadata services of clouds
        "172.16.0.0/12",  // private
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24",  // documentation
        "192.88.99.0/24",  // 6to4 relays
        "192.168.0.0/16",  // private
        "198.18.0.0/15",  // benchmarks
        "198.51.100.0/24",  // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, and broadcast
        "2001::/23",  // protocol assignments, Teredo among them
        "2001:db8::/32",  // documentation
        "3fff::/20",  // documentation
    ].compactMap(AddressRange.init)
}
