internal import HTTPTypes
internal import Hummingbird

/// Asks for the token of every request but the bare probes.
///
/// A request with the right token is answered whatever else came from its address: a page in the owner's own browser can
/// make any number of wrong ones. The limit on these spares work and log, and guards nothing.
struct TokenMiddleware: RouterMiddleware {
    let settings: RenewableSettings
    let limiter: FailureLimiter

    func handle(
        _ request: Request, context: NasdContext, next: (Request, NasdContext) async throws -> Response
    ) async throws -> Response {
        if request.isBareProbe { return try await next(request, context) }
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
}
