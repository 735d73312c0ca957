internal import API
internal import Coordinator
internal import Datasets
internal import Documents
internal import Exporters
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SearchSpaces
internal import Store
internal import Training

/// An error on its way out as `application/problem+json`; the one place that chooses statuses.
struct Problem: Error {
    var document: ProblemDocument
    var headers: HTTPFields = [:]

    init(_ status: Int, _ detail: String? = nil, errors: [ProblemDocument.Fault]? = nil) {
        document = ProblemDocument(
            title: Self.titles[status] ?? "Error", status: status, detail: detail, errors: errors)
    }

    private static let tooLarge = "the body is larger than the 1 MiB that are permitted"

    /// The detail of a document with so many faults.
    static func count(of faults: Int) -> String { "\(faults) fault\(faults == 1 ? "" : "s") in the document" }

    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
        403: "Forbidden", 413: "Content Too Large", 421: "Misdirected Request", 422: "Unprocessable Content",
        429: "Too Many Requests",
        500: "Internal Server Error", 503: "Service Unavailable", 507: "Insufficient Storage",
    ]

    /// The problem that any error of the libraries means; nothing internal leaves on a 500.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as StoreError: self.init(store: error)
        case DocumentError.invalidFile(_, let faults): self.init(faults)
        case let error as any UserInputError: self.init(422, "\(error)")
        case let error as CoordinatorError:
            switch error {
            case .busy, .noMemoryNow:
                self.init(503, "\(error)")
                headers[.retryAfter] = "5"
            case .noUsableCheckpoint, .openBudget, .openSource, .tooLate, .otherRun, .otherData, .otherNumerics:
                self.init(409, "\(error)")
            case .noSuchCandidate: self.init(404, "\(error)")
            default: self.init(422, "\(error)")
            }
        case let error as ThreadError:
            self.init(503, "\(error)")
            headers[.retryAfter] = "5"
        case let error as DatasetError: self.init(422, "\(error)")
        case let error as TrainingError: self.init(422, "\(error)")
        case let error as ExportError where !error.isFault: self.init(422, "\(error)")
        case let error as any HTTPResponseError:
            self.init(error.status.code, error.status.code == 413 ? Self.tooLarge : nil)
        case is NIOTooManyBytesError: self.init(413, Self.tooLarge)
        default: self.init(500)
        }
    }

    private init(store error: StoreError) {
        switch error {
        case .noSuchRun, .noSuchEndpoint: self.init(404, "\(error)")
        case .ambiguousRun, .illegalTransition, .otherSubmission: self.init(409, "\(error)")
        case .invalid(let what, let place, let remedy):
            self.init(422, what, errors: [.init(path: place, message: "\(what); \(remedy)")])
        case .full: self.init(507, "no space is left on the daemon's disk")
        case .gone:
            self.init(503, "the daemon's data directory was removed or replaced; its operator has to put it back")
        case .corrupt:
            self.init(500, "what the daemon has stored is not as it was written; its operator has to restore a backup")
        case _ where error.isTransient:
            self.init(503, "the daemon's disk does not answer at present; try again later")
            headers[.retryAfter] = "5"
        default: self.init(500)
        }
    }

    private init(_ faults: [FileFault]) {
        self.init(
            422, Self.count(of: faults.count),
            errors: faults.map { fault in
                .init(
                    path: fault.keyPath,
                    message:
                        "\(fault.line):\(fault.column): \(fault.message)\(fault.hint.map { "; hint: \($0)" } ?? "")"
                )
            })
    }

    /// The answer.
    func response(isHead: Bool = false) -> Response {
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        let bytes = (try? WireFormat.encode(document)) ?? Data()
        return Response(
            status: .init(code: document.status), headers: headers,
            body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

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
