internal import Synchronization

/// The key of one use that the address carries, and the token that a page gets for it.
///
/// Both are 256 random bits. The token goes with the process: nothing is written down.
final class BridgeKeys: Sendable {
    private struct State {
        var key: String?
        var token: String?
    }

    /// How long the key serves.
    static let lifetime = Duration.seconds(60)

    private let state: Mutex<State>
    private let end: ContinuousClock.Instant

    /// Makes a key that serves from now on.
    init(now: ContinuousClock.Instant = .now) {
        state = Mutex(State(key: Self.secret()))
        end = now + Self.lifetime
    }

    /// The key, as long as nobody has used it.
    var key: String? { state.withLock { $0.key } }

    /// Takes the key and gives the token; nil for anything else, for a second time, and when the time is over.
    func exchange(_ text: String, now: ContinuousClock.Instant = .now) -> String? {
        state.withLock { state in
            guard let key = state.key, now < end, Self.areEqual(key, text) else { return nil }
            let token = Self.secret()
            state = State(token: token)
            return token
        }
    }

    /// Whether a text is the token of this session.
    func accepts(_ text: String) -> Bool {
        guard let token = state.withLock({ $0.token }) else { return false }
        return Self.areEqual(token, text)
    }

    /// 256 bits from the system, as 43 characters that need no escaping in an address.
    private static func secret() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var generator = SystemRandomNumberGenerator()
        var bits = 0, pool: UInt64 = 0
        var text = ""
        for _ in 0..<43 {
            if bits < 6 { (pool, bits) = (generator.next(), 60) }
            text.append(alphabet[Int(pool & 63)])
            pool >>= 6
            bits -= 6
        }
        return text
    }

    /// Compares in a time that does not tell how much of it is right.
    private static func areEqual(_ secret: String, _ text: String) -> Bool {
        let left = Array(secret.utf8), right = Array(text.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
