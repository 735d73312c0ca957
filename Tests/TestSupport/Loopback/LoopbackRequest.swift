/// A request as a loopback server read it.
public struct LoopbackRequest: Sendable {
    /// Everything up to the empty line, as it came.
    public let head: String
    /// The body, as it came.
    public let body: [UInt8]
    /// The connection it came by: 1, 2, … in the order in which they were accepted.
    public let connection: Int

    /// The method.
    public var method: String { String(head.prefix { $0 != " " }) }
    /// What stands between method and version.
    public var target: String { String(head.split(separator: " ", maxSplits: 2).dropFirst().first ?? "") }

    /// The values of a header field, its name in lower case.
    public subscript(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].lowercased() == name else { return nil }
            return String(parts[1].drop { $0 == " " })
        }
    }
}
