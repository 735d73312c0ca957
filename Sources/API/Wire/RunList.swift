/// `GET /v1/runs`.
public struct RunList: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `RunList`.
    public var kind = "RunList"
    /// The runs.
    public var runs: [RunItem]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a list.
    public init(runs: [RunItem], next: String? = nil) {
        self.runs = runs
        self.next = next
    }
}
