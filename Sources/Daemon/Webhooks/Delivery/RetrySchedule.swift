internal import Foundation
internal import Store

/// When a message is tried again.
enum RetrySchedule {
    /// The milliseconds before each attempt, from the end of the one before.
    static let intervalsMilliseconds: [Int64] =
        [0, 5_000, 300_000, 1_800_000] + [2, 5, 10, 14, 20, 24].map { $0 * 3_600_000 }
    /// An interval is longer by up to this part of itself, so that receivers that come back are not met by all at once.
    static let jitter = 0.2
    /// The longest wait that a receiver may ask for.
    static let longestRetryAfterSeconds: Int64 = 24 * 3600
    /// The longest that any message or receiver waits.
    static let longestWaitMilliseconds = Int64(24 * 3_600_000 * (1 + jitter))
    /// The longest that an overloaded receiver's other messages are held back when it names no time itself.
    static let longestHoldMilliseconds: Int64 = 1_800_000

    /// When the next attempt is due.
    ///
    /// - Parameters:
    ///   - message: The message's id, on which the jitter depends together with the attempt.
    ///   - attempts: Attempts made so far, at least 1.
    ///   - now: The end of the last one.
    ///   - retryAfterSeconds: What the receiver asked for.
    /// - Returns: Nil when it was the last attempt.
    static func next(
        message: String, attempts: Int, now: Timestamp, retryAfterSeconds: Int64? = nil
    ) -> Timestamp? {
        guard attempts < intervalsMilliseconds.count else { return nil }
        let interval = Double(intervalsMilliseconds[max(1, attempts)])
        let wait = Int64(interval * (1 + jitter * fraction(message, attempts)))
        return now.adding(milliseconds: max(wait, askedMilliseconds(retryAfterSeconds)))
    }

    /// Until when the other messages of an overloaded receiver are held back.
    static func hold(
        message: String, attempts: Int, now: Timestamp, retryAfterSeconds: Int64?
    ) -> Timestamp {
        if retryAfterSeconds != nil { return now.adding(milliseconds: askedMilliseconds(retryAfterSeconds)) }
        let latest = now.adding(milliseconds: longestHoldMilliseconds)
        return min(latest, next(message: message, attempts: attempts, now: now) ?? latest)
    }

    private static func askedMilliseconds(_ seconds: Int64?) -> Int64 {
        min(max(0, seconds ?? 0), longestRetryAfterSeconds) * 1000
    }

    /// A number from 0 to 1 that the message and the attempt alone decide.
    private static func fraction(_ message: String, _ attempt: Int) -> Double {
        let digest = SHA256.hash("\(message).\(attempt)".utf8)
        let bits = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(bits) / Double(UInt32.max)
    }
}

extension Timestamp {
    /// A later moment.
    func adding(milliseconds: Int64) -> Timestamp {
        // Past the end of time there is no later moment; a damaged row may name one.
        let (sum, isOver) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: isOver ? (milliseconds < 0 ? .min : .max) : sum)
    }
}

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
