internal import HTTPTypes
internal import Hummingbird

/// Asks for the token of every request but the bare probes.
struct TokenMiddleware: RouterMiddleware {
    let token: AccessToken
    let limiter: FailureLimiter

    func handle(
        _ request: Request, context: NasdContext, next: (Request, NasdContext) async throws -> Response
    ) async throws -> Response {
        let isProbe = ["/livez", "/readyz"].contains(request.uri.path) && (request.uri.query ?? "").isEmpty
        if isProbe { return try await next(request, context) }
        let peer = context.peer ?? ""
        if let seconds = limiter.secondsToWait(peer) {
            var problem = Problem(429, "too many requests with a missing or wrong token; wait and try again")
            problem.headers[.retryAfter] = "\(seconds)"
            throw problem
        }
        let given = request.headers[.authorization] ?? ""
        guard given.prefix(7).lowercased() == "bearer ", token.matches(String(given.dropFirst(7))) else {
            limiter.fail(peer)
            var problem = Problem(401, "expected the daemon's token in the header Authorization: Bearer …")
            problem.headers[.wwwAuthenticate] = "Bearer"
            throw problem
        }
        return try await next(request, context)
    }
}
