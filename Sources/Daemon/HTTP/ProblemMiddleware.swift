internal import API
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Turns whatever a route throws into a problem, and counts answers.
struct ProblemMiddleware: RouterMiddleware {
    let core: DaemonCore

    func handle(
        _ request: Request, context: NasdContext, next: (Request, NasdContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            var problem = Problem(error)
            if let unrouted = error as? HTTPError, unrouted.status == .notFound {
                problem = Self.unrouted(request)
            }
            if problem.document.status >= 500 {
                core.log.error(
                    "request failed",
                    metadata: ["method": "\(request.method)", "path": "\(request.uri.path)", "reason": "\(error)"])
            }
            response = problem.response(isHead: request.method == .head)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        core.counters.count(status: response.status.code)
        return response
    }

    /// A path that there is not, or a method that it does not have.
    private static func unrouted(_ request: Request) -> Problem {
        let methods = RouteTable.methods(of: request.uri.path)
        guard !methods.isEmpty else {
            return Problem(404, "there is no such path; /openapi.json describes those there are")
        }
        var problem = Problem(405, "expected \(methods.joined(separator: " or "))")
        problem.headers[.allow] = methods.joined(separator: ", ")
        return problem
    }
}
