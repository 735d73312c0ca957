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
