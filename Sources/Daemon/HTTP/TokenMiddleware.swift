internal import API
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Asks for the token of every request but the bare probes and the files of the dashboard.
///
/// A request with the right token is answered whatever else came from its address: a page in the owner's own browser can
/// make any number of wrong ones. The limit on these spares work and log, and guards nothing.
struct TokenMiddleware: RouterMiddleware {
    let settings: RenewableSettings
    let limiter: FailureLimiter

    func handle(
        _ request: Request, context: NasdContext, next: (Request, NasdContext) async throws -> Response
    ) async throws -> Response {
        if request.isBareProbe || request.isOfDashboard { return try await next(request, context) }
        let given = request.headers[.authorization] ?? ""
        if given.prefix(7).lowercased() == "bearer ",
            settings.token?.matches(String(given.dropFirst(7))) ?? false
        {
            return try await next(request, context)
        }
        let peer = context.peer ?? ""
        if let seconds = limiter.secondsToWait(peer) {
            var problem = Problem(429, "too many requests with a missing or wrong token; wait and try again")
            problem.headers[.retryAfter] = "\(seconds)"
            throw problem
        }
        limiter.fail(peer)
        var problem = Problem(401, "expected the daemon's token in the header Authorization: Bearer …")
        problem.headers[.wwwAuthenticate] = "Bearer"
        throw problem
    }
}

extension Request {
    /// Whether it asks for nothing but the status of a probe, which anybody may.
    var isBareProbe: Bool { ["/livez", "/readyz"].contains(uri.path) && (uri.query ?? "").isEmpty }

    /// Whether it asks for a file of the dashboard, which holds nothing of the daemon's data.
    var isOfDashboard: Bool {
        method == .get && (uri.path == "/" || uri.path.hasPrefix("/ui/")) && (uri.query ?? "").isEmpty
    }
}

/// The token of TCP clients, kept as its digest.
struct AccessToken: Sendable {
    private let digest: [UInt8]

    /// Reads the token from a file that nobody else may read or change.
    ///
    /// - Throws: ``ConfigurationError``.
    init(file: String, key: String = "tokenFile") throws {
        func fault(_ message: String, _ hint: String) -> ConfigurationError {
            ConfigurationError([.init(place: file, key: key, message: message, hint: hint)])
        }
        let data: [UInt8]
        do {
            data = try SecretFile.read(file, most: 4097)
        } catch {
            switch error {
            case .unreadable(let reason):
                throw fault("cannot be read: \(reason)", "create it, for example with: openssl rand -hex 32")
            case .notRegular: throw fault("is not a regular file", "name a file that holds the token")
            case .exposed: throw fault(SecretFile.exposure, SecretFile.remedy(for: file))
            }
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        // Long enough that nobody guesses it however often they try: a right token is never locked out.
        guard text.utf8.count >= 32, text.utf8.count <= 4096 else {
            throw fault(
                "expected a token of 32 to 4096 characters, found \(text.utf8.count)",
                "make one with: openssl rand -hex 32")
        }
        digest = SHA256.hash(text.utf8)
    }

    /// Whether a text is the token; takes the same time for every text of one length.
    func matches(_ text: String) -> Bool { isDigest(SHA256.hash(text.utf8)) }

    /// Whether another is the same token.
    func isSame(as other: AccessToken) -> Bool { isDigest(other.digest) }

    /// Digests of equal length are compared, byte by byte to the end.
    private func isDigest(_ other: [UInt8]) -> Bool {
        zip(other, digest).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Slows down whoever guesses tokens: after ten failures within a minute, an address waits the minute out.
final class FailureLimiter: Sendable {
    private struct Window {
        var start: ContinuousClock.Instant
        var failures: Int
    }

    private let windows = Mutex<[String: Window]>([:])
    private static let most = 10
    private static let length = Duration.seconds(60)
    private static let mostAddresses = 10_000

    /// Notes a failure of an address.
    func fail(_ address: String) {
        let now = ContinuousClock.now
        windows.withLock { windows in
            if windows.count >= Self.mostAddresses { windows = windows.filter { now - $0.value.start < Self.length } }
            if windows.count >= Self.mostAddresses { windows.removeAll() }
            if let window = windows[address], now - window.start < Self.length {
                windows[address]?.failures += 1
            } else {
                windows[address] = Window(start: now, failures: 1)
            }
        }
    }

    /// Seconds that an address has to wait; nil when it need not.
    func secondsToWait(_ address: String) -> Int? {
        windows.withLock { windows in
            guard let window = windows[address], window.failures >= Self.most else { return nil }
            let left = Self.length - (ContinuousClock.now - window.start)
            return left > .zero ? Int(left.components.seconds) + 1 : nil
        }
    }
}
