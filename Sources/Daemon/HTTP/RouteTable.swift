/// Every route of the API: what the description is made from, and what the router is held against.
enum RouteTable {
    /// A parameter of the query or a header.
    struct Parameter {
        var name: String
        var place = "query"
        var summary: String
        var schema: [String: Any]
    }

    /// A successful answer.
    struct Answer {
        var status: Int
        var summary: String
        var type: String?
        var schema: String?
    }

    struct Route {
        var method: String
        var path: String
        var name: String
        var summary: String
        var parameters: [Parameter] = []
        var body: String?
        var answers: [Answer]
        var problems: [Int]
        /// Whether it needs no token.
        var isOpen = false
    }

    /// The methods of a path; empty for an unknown one.
    static func methods(of path: String) -> [String] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return templates.filter { template in
            template.parts.count == parts.count
                && zip(template.parts, parts).allSatisfy { ($0.hasPrefix("{") && !$1.isEmpty) || $0 == $1 }
        }.map(\.method)
    }

    static var all: [Route] { runs + results + files + webhooks + system }

    private static let templates = all.map { route in
        (method: route.method, parts: route.path.split(separator: "/", omittingEmptySubsequences: false))
    }

    static var limit: Parameter {
        Parameter(
            name: "limit", summary: "The most items of a page.",
            schema: ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100])
    }

    static func json(_ status: Int, _ schema: String, _ summary: String) -> Answer {
        Answer(status: status, summary: summary, type: "application/json", schema: schema)
    }

    static func cursor(_ schema: [String: Any]) -> Parameter {
        Parameter(name: "cursor", summary: "The `next` of the page before.", schema: schema)
    }

    static var number: [String: Any] { ["type": "integer", "minimum": 0, "maximum": QueryReader.largest] }

    static let common = [400, 401, 429]
}
