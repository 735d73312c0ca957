internal import API
internal import Documents
internal import SearchSpaces

/// What leaves as it is: streams, files and networks.
extension RouteTable {
    static var files: [Route] {
        let follow = [
            Parameter(
                name: "follow", summary: "Whether the stream goes on after what is stored.",
                schema: ["type": "boolean", "default": true]),
            Parameter(
                name: "Last-Event-ID", place: "header", summary: "Only events after this number.",
                schema: ["type": "integer", "minimum": 0]),
        ]
        let stream = Answer(status: 200, summary: "Events as they happen.", type: "text/event-stream")
        return [
            Route(
                method: "GET", path: "/v1/runs/{id}/events", name: "streamRunEvents", summary: "Events of a run.",
                parameters: follow, answers: [stream], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/events", name: "streamDaemonEvents", summary: "Events of the daemon.",
                parameters: follow, answers: [stream], problems: common + [422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/results.csv", name: "exportRun", summary: "Candidates as CSV.",
                parameters: [
                    Parameter(
                        name: "front", summary: "Only the front of the newest weights.", schema: ["type": "boolean"])
                ],
                answers: [Answer(status: 200, summary: "The file.", type: "text/csv")],
                problems: common + [404, 409, 422, 507]),
            Route(
                method: "GET", path: "/v1/runs/{id}/models/{candidate}", name: "getModel",
                summary: "The network of a finalist on the front.", parameters: networkFile,
                answers: [Answer(status: 200, summary: "The file.", type: "application/octet-stream")],
                problems: common + [404, 409, 422, 503, 507]),
            Route(
                method: "GET", path: "/v1/runs/{id}/model", name: "deployModel",
                summary: "The network of the best subnet found for a budget, measured now.",
                parameters: CostBudget.known.map { metric in
                    Parameter(
                        name: metric.name, summary: "The most that it may cost; one of them is given.",
                        schema: ["type": "integer", "minimum": 1, "maximum": QueryReader.largest])
                } + networkFile,
                answers: [Answer(status: 200, summary: "The file.", type: "application/octet-stream")],
                problems: common + [404, 409, 422, 503, 507]),
            Route(
                method: "GET", path: "/v1/runs/{id}/log", name: "getLog", summary: "The run's log, as JSON lines.",
                parameters: [
                    Parameter(
                        name: "offset", summary: "The byte to begin at; an answer has at most 1 MiB.",
                        schema: number)
                ], answers: [Answer(status: 200, summary: "Lines.", type: "application/x-ndjson")],
                problems: common + [404, 409, 422]),
        ]
    }

    /// What a network comes as.
    static var networkFile: [Parameter] {
        [
            Parameter(
                name: NetworkFileRequest.formatKey,
                summary:
                    "The format of the file; safetensors unless given. With `c` a tar archive of NAME.h and NAME.c comes.",
                schema: ["type": "string", "enum": NetworkFormat.allCases.map(\.rawValue)]),
            Parameter(
                name: NetworkFileRequest.normalizeKey,
                summary:
                    "Whether a file of ONNX or C normalises what it reads, and tells numbers in the units of the data.",
                schema: ["type": "boolean"]),
            Parameter(
                name: NetworkFileRequest.weightsKey,
                summary: "How a file of C keeps weights: as floats, or in 8 bits with a scale for each output channel.",
                schema: [
                    "type": "string", "enum": NetworkFileRequest.weights, "default": NetworkFileRequest.weights[0],
                ]),
            Parameter(
                name: NetworkFileRequest.nameKey,
                summary:
                    "What a file of C and its function are called; what the candidate or the budget is unless given.",
                schema: ["type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$", "maxLength": SourceName.longest]),
        ]
    }
}
