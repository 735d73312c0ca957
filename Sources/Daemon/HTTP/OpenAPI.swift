internal import Foundation
internal import SearchSpaces

/// The description of the API (OpenAPI 3.1), made from the table of routes.
enum OpenAPI {
    /// The document.
    static let json: String = {
        var paths: [String: [String: Any]] = [:]
        for route in RouteTable.all { paths[route.path, default: [:]][route.method.lowercased()] = operation(route) }
        let document: [String: Any] = [
            "openapi": "3.1.0",
            "info": [
                "title": "nasd", "version": ProductVersion.text,
                "description":
                    "The API of the neural architecture search daemon. Documentation/http-api.md explains it.",
            ],
            "security": [["token": [String]()]],
            "paths": paths,
            "components": [
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
                "schemas": schemas,
            ],
        ]
        let data = try? JSONSerialization.data(
            withJSONObject: document, options: [.sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }()

    private static var schemas: Any {
        (try? JSONSerialization.jsonObject(with: Data(OpenAPISchemas.json.utf8))) ?? [String: Any]()
    }

    private static func operation(_ route: RouteTable.Route) -> [String: Any] {
        var operation: [String: Any] = ["operationId": route.name, "summary": route.summary]
        let captures = route.path.matches(of: /\{(\w+)\}/).map { String($0.1) }
        let parameters =
            captures.map { name -> [String: Any] in
                let schema: [String: Any] =
                    name == "candidate"
                    ? ["type": "integer", "minimum": 1] : ["type": "string", "minLength": 1, "maxLength": 255]
                return ["name": name, "in": "path", "required": true, "schema": schema]
            }
            + route.parameters.map { parameter -> [String: Any] in
                [
                    "name": parameter.name, "in": parameter.place, "required": false,
                    "description": parameter.summary, "schema": parameter.schema,
                ]
            }
        if !parameters.isEmpty { operation["parameters"] = parameters }
        if let body = route.body {
            operation["requestBody"] = [
                "required": true,
                "content": [
                    "application/json": ["schema": ["$ref": "#/components/schemas/\(body)"]],
                    "application/yaml": ["schema": ["$ref": "#/components/schemas/\(body)"]],
                ],
            ]
        }
        if route.isOpen { operation["security"] = [[String: Any]()] }
        var responses: [String: Any] = [:]
        for answer in route.answers {
            var response: [String: Any] = ["description": answer.summary]
            if let type = answer.type {
                let schema: [String: Any] =
                    answer.schema.map { ["$ref": "#/components/schemas/\($0)"] } ?? ["type": "string"]
                response["content"] = [type: ["schema": schema]]
            }
            responses["\(answer.status)"] = response
        }
        for status in route.problems {
            responses["\(status)"] = [
                "description": "What went wrong.",
                "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
            ]
        }
        operation["responses"] = responses
        return operation
    }
}
