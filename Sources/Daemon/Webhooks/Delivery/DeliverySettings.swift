internal import Store

/// How messages are sent.
public struct DeliverySettings: Sendable {
    /// Where they may go.
    public var policy: AddressPolicy
    /// What signs them.
    public var secrets: WebhookSecrets
    /// How the sender names itself, such as `nasd/1.0`.
    public var userAgent: String
    /// How long an attempt may take.
    public var attemptMilliseconds = 20_000
    /// A file of certificates to trust in place of the system's.
    public var certificateAuthorityFile: String?

    /// Takes what has no default.
    public init(policy: AddressPolicy, secrets: WebhookSecrets, userAgent: String) {
        self.policy = policy
        self.secrets = secrets
        self.userAgent = userAgent
    }

    /// Holds an endpoint against policy and secrets before it is taken on.
    ///
    /// - Throws: ``WebhookError``.
    public func check(url: String, secret: String) throws(WebhookError) {
        try policy.check(url: url)
        _ = try secrets.secrets(named: secret)
    }
}
