internal import Dashboard
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The pages of the dashboard, which anybody who reaches the daemon may load: what they show takes the token.
struct DashboardController {
    func add(to router: Router<NasdContext>) {
        // Packed before anybody asks.
        _ = Self.files
        router.get("/") { request, _ in try answer(request, Self.page) }
        router.get("/ui/{file}") { request, context in
            guard let file = context.parameters.get("file").flatMap({ Self.files[$0] }) else {
                throw Problem(404, "there is no such file of the dashboard")
            }
            return try answer(request, file)
        }
    }

    /// A file as it goes out, with what names its bytes.
    private struct Page {
        let type: String
        let body: ByteBuffer
        let tag: String
        /// The same as gzip, which is another entity; nil where that is no smaller.
        let packed: (body: ByteBuffer, tag: String)?

        init(_ file: Dashboard.File) {
            type = file.type
            body = ByteBuffer(bytes: file.bytes)
            let name = SHA256.hash(file.bytes).prefix(12)
                .map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
            tag = "\"\(name)\""
            packed = PackedBytes.of(file.bytes).map { (ByteBuffer(bytes: $0), "\"\(name)-gzip\"") }
        }
    }

    private static let page = Page(Dashboard.page)
    private static let files = Dashboard.files.mapValues(Page.init)

    /// What a page may do: load from here, ask here, and nothing else; no script or style within documents, no frame around them.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
        """

    private func answer(_ request: Request, _ page: Page) throws -> Response {
        try QueryReader(request, known: []).finish()
        let packed = Self.takesPacked(request) ? page.packed : nil
        let tag = packed?.tag ?? page.tag
        var headers: HTTPFields = [
            .contentType: page.type, .eTag: tag, .vary: "Accept-Encoding", .contentSecurityPolicy: Self.policy,
            // Kept, and asked for again each time: pages of two versions never mix.
            .cacheControl: "no-cache",
            .init("Referrer-Policy")!: "no-referrer", .init("X-Frame-Options")!: "DENY",
            .init("Cross-Origin-Opener-Policy")!: "same-origin", .init("Cross-Origin-Resource-Policy")!: "same-origin",
        ]
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",").split(separator: ",").map {
            $0.trimmingPrefix(while: \.isWhitespace).trimmingPrefix("W/")
        }
        if known.contains(where: { $0 == tag[...] || $0 == "*" }) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        if packed != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: packed?.body ?? page.body))
    }

    /// Whether a browser takes gzip, by RFC 9110: named, or as any other coding, and not with a weight of 0.
    private static func takesPacked(_ request: Request) -> Bool {
        var weights: [String: Double] = [:]
        for item in request.headers[values: .acceptEncoding].joined(separator: ",").split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            guard let coding = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
            weights[coding] = weight ?? 1
        }
        return (weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? 0) > 0
    }
}
