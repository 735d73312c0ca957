/// How long a request may take and how much its answer may bring.
public struct HTTPLimits: Sendable, Hashable {
    /// Until the connection stands, TLS included.
    public var connectMilliseconds: Int
    /// From start to end; nil for a stream without one.
    public var totalMilliseconds: Int?
    /// Without a single byte of the answer; nil for no such limit.
    public var silenceMilliseconds: Int?
    /// The most bytes of a body that is collected; streams have no limit.
    public var bodyBytes: Int

    /// Creates limits.
    public init(
        connectMilliseconds: Int = 5_000, totalMilliseconds: Int? = 30_000, silenceMilliseconds: Int? = nil,
        bodyBytes: Int = 64 << 20
    ) {
        self.connectMilliseconds = connectMilliseconds
        self.totalMilliseconds = totalMilliseconds
        self.silenceMilliseconds = silenceMilliseconds
        self.bodyBytes = bodyBytes
    }
}
