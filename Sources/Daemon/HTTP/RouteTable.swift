internal import API
internal import SearchSpaces
internal import Store

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

    private static var limit: Parameter {
        Parameter(
            name: "limit", summary: "The most items of a page.",
            schema: ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100])
    }

    private static func json(_ status: Int, _ schema: String, _ summary: String) -> Answer {
        Answer(status: status, summary: summary, type: "application/json", schema: schema)
    }

    private static func cursor(_ schema: [String: Any]) -> Parameter {
        Parameter(name: "cursor", summary: "The `next` of the page before.", schema: schema)
    }

    private static var number: [String: Any] { ["type": "integer", "minimum": 0, "maximum": QueryReader.largest] }

    private static let common = [400, 401, 429]

    private static var runs: [Route] {
        let states = [
            "queued", "preparing", "training", "searching", "validating", "paused", "completed", "failed", "cancelled",
        ]
        func action(_ verb: String, _ summary: String, _ parameters: [Parameter] = []) -> Route {
            Route(
                method: "POST", path: "/v1/runs/{id}/\(verb)", name: "\(verb)Run", summary: summary,
                parameters: parameters, answers: [json(202, "Run", "Accepted; it acts at the end of the step.")],
                problems: common + [404, 409, 422])
        }
        return [
            Route(
                method: "GET", path: "/v1/runs", name: "listRuns", summary: "Runs, newest first.",
                parameters: [
                    Parameter(
                        name: "selection",
                        summary: "`current` for every live or paused run and the 20 last ended, on one page.",
                        schema: ["type": "string", "enum": ["current", "all"]]),
                    Parameter(
                        name: "state", summary: "Only runs in a state.", schema: ["type": "string", "enum": states]),
                    Parameter(name: "name", summary: "Only runs of a name.", schema: ["type": "string"]),
                    limit, cursor(["type": "string", "pattern": "^[0-9]{1,15}-[a-z2-7]{12}$"]),
                ], answers: [json(200, "RunList", "A page of runs.")], problems: common + [422]),
            Route(
                method: "POST", path: "/v1/runs", name: "submitRun", summary: "Hand in a run; it waits in the queue.",
                parameters: [
                    Parameter(
                        name: "priority", summary: "Larger is sooner.",
                        schema: ["type": "integer", "minimum": -1_000_000, "maximum": 1_000_000]),
                    Parameter(name: "dryRun", summary: "Check and estimate only.", schema: ["type": "boolean"]),
                    Parameter(
                        name: "Idempotency-Key", place: "header",
                        summary: "A repetition with the same key and document returns the run of the first time.",
                        schema: ["type": "string", "minLength": 1, "maxLength": 255]),
                ], body: "RunSubmission",
                answers: [
                    json(201, "Run", "The run."), json(200, "SubmissionEstimate", "What it would take, of a dry run."),
                ], problems: common + [409, 413, 422, 507]),
            Route(
                method: "GET", path: "/v1/runs/{id}", name: "getRun",
                summary:
                    "A run by id, by a unique prefix of at least 4 characters, or by a name that only one run has.",
                answers: [json(200, "Run", "The run.")], problems: common + [404, 409, 422]),
            Route(
                method: "PATCH", path: "/v1/runs/{id}", name: "changeRun", summary: "Change limits of a run.",
                body: "RunLimits", answers: [json(200, "Run", "The run.")], problems: common + [404, 409, 413, 422]),
            Route(
                method: "DELETE", path: "/v1/runs/{id}", name: "deleteRun",
                summary: "Delete a paused or ended run with its files.",
                answers: [Answer(status: 204, summary: "Deleted.")], problems: common + [404, 409, 422]),
            action("pause", "Pause a live run."),
            action(
                "resume", "Put a paused or failed run back into the queue.",
                [
                    Parameter(
                        name: "allowNumericsChange",
                        summary: "Whether it may go on with other kernels than it began with.",
                        schema: ["type": "boolean"])
                ]),
            action("cancel", "Cancel a live or paused run."),
        ]
    }

    private static var results: [Route] {
        [
            Route(
                method: "GET", path: "/v1/runs/{id}/candidates", name: "listCandidates",
                summary: "Candidates of a run.",
                parameters: [
                    limit, cursor(number),
                    Parameter(
                        name: "sort",
                        summary: "A column of the run's CSV; `-` before it for largest first. Another one is a 422.",
                        schema: ["type": "string", "pattern": "^-?[a-z][A-Za-z0-9]{0,80}$"]),
                    Parameter(
                        name: "filter",
                        summary: "Conditions on these columns such as `accuracy>=0.97,state=completed`.",
                        schema: [
                            "type": "string",
                            "pattern": CandidateFilter.pattern,
                        ]),
                ], answers: [json(200, "CandidateList", "A page of candidates.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/candidates/{candidate}", name: "explainCandidate",
                summary: "Why a candidate was asked, what it cost, and who dominates it.",
                answers: [json(200, "Explanation", "The explanation.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/curve", name: "getCurve",
                summary: "The hypervolume of the front after each evaluation.",
                parameters: [
                    limit, cursor(number),
                    Parameter(
                        name: "points",
                        summary:
                            "About so many points, evenly from the newest 1,000 rounds, with the first and the last of each, in place of pages.",
                        schema: ["type": "integer", "minimum": 2, "maximum": PointsController.most]),
                ],
                answers: [json(200, "Curve", "A page of points.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/points", name: "getPoints",
                summary: "Candidates of a round as points of a picture: an even part, and the whole front.",
                parameters: [
                    Parameter(name: "round", summary: "The round; the newest when absent.", schema: number),
                    Parameter(
                        name: "values",
                        summary: "Names of values of the run's metrics, with commas; the objectives when absent.",
                        schema: [
                            "type": "string", "pattern": "^[a-z][A-Za-z0-9]{0,80}(,[a-z][A-Za-z0-9]{0,80}){0,15}$",
                        ]),
                    Parameter(
                        name: "points", summary: "The most candidates beside the front.",
                        schema: [
                            "type": "integer", "minimum": 2, "maximum": PointsController.most,
                            "default": PointsController.usual,
                        ]),
                ], answers: [json(200, "CandidatePoints", "The points.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/front", name: "getFront",
                summary: "The candidates of a round's weights that no other dominates, the cheapest first.",
                parameters: [
                    Parameter(
                        name: "round", summary: "The round; the newest when absent.", schema: number)
                ], answers: [json(200, "CandidateList", "The front.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/best", name: "getBest", summary: "The best candidate so far.",
                answers: [json(200, "Candidate", "The candidate.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/sampler", name: "getSampler",
                summary: "Numbers about the sampler over time.",
                parameters: [
                    Parameter(name: "name", summary: "Only one kind of number.", schema: ["type": "string"]),
                    cursor(number),
                ], answers: [json(200, "SamplerStatistics", "The numbers.")], problems: common + [404, 409, 422]),
            Route(
                method: "GET", path: "/v1/runs/{id}/training", name: "getTraining",
                summary: "Loss, learning rate and speed of every n-th training step.",
                parameters: [
                    limit, cursor(number),
                    Parameter(name: "after", summary: "Only records of later steps.", schema: number),
                    Parameter(
                        name: "points",
                        summary: "At most so many records, spread evenly over the steps, in place of pages.",
                        schema: ["type": "integer", "minimum": 2, "maximum": 1000]),
                ], answers: [json(200, "TrainingRecords", "The records.")], problems: common + [404, 409, 422]),
        ]
    }

    private static var files: [Route] {
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
    private static var networkFile: [Parameter] {
        [
            Parameter(
                name: NetworkFileRequest.formatKey, summary: "The format of the file; safetensors unless given.",
                schema: ["type": "string", "enum": NetworkFormat.allCases.map(\.rawValue)]),
            Parameter(
                name: NetworkFileRequest.normalizeKey,
                summary: "Whether an ONNX file normalises what it reads, and tells numbers in the units of the data.",
                schema: ["type": "boolean"]),
        ]
    }

    private static var webhooks: [Route] {
        [
            Route(
                method: "GET", path: "/v1/webhooks", name: "listWebhooks", summary: "Receivers and how deliveries go.",
                answers: [json(200, "WebhookList", "The receivers.")], problems: common + [422]),
            Route(
                method: "GET", path: "/v1/webhooks/{id}/messages", name: "listWebhookMessages",
                summary: "What waits for a receiver or was given up, with the attempts.",
                parameters: [limit, cursor(number)],
                answers: [json(200, "WebhookMessageList", "A page of messages.")], problems: common + [404, 422]),
            Route(
                method: "POST", path: "/v1/webhooks/{id}/replay", name: "replayWebhook",
                summary: "Send given-up messages again and enable the receiver.",
                answers: [json(202, "WebhookReplay", "How many go out again.")], problems: common + [404, 422]),
            Route(
                method: "POST", path: "/v1/webhooks/{id}/test", name: "testWebhook", summary: "Send a test message.",
                answers: [Answer(status: 202, summary: "It is on its way.")], problems: common + [404, 422]),
        ]
    }

    private static var system: [Route] {
        func probe(_ path: String, _ name: String, _ summary: String, _ answers: [Answer]) -> Route {
            Route(
                method: "GET", path: path, name: name, summary: summary,
                parameters: [
                    Parameter(name: "verbose", summary: "A line for each part.", schema: ["type": "string"])
                ], answers: answers, problems: common + [422], isOpen: true)
        }
        let unchanged = Answer(status: 304, summary: "As the browser has it.")
        let good = Answer(status: 200, summary: "Good.", type: "text/plain")
        return [
            probe("/livez", "getLiveness", "Whether the daemon lives.", [good]),
            probe(
                "/readyz", "getReadiness", "Whether interrupted runs go on and the API is open.",
                [good, Answer(status: 503, summary: "Not yet, or no longer.", type: "text/plain")]),
            Route(
                method: "GET", path: "/metrics", name: "getMetrics", summary: "Numbers in Prometheus' text format.",
                answers: [Answer(status: 200, summary: "The numbers.", type: "text/plain")], problems: common + [422]),
            Route(
                method: "GET", path: "/openapi.json", name: "getDescription", summary: "This document.",
                answers: [Answer(status: 200, summary: "The document.", type: "application/json", schema: "Anything")],
                problems: common + [422]),
            Route(
                method: "GET", path: "/v1/doctor", name: "getDoctor",
                summary: "What decides speed and exact results, and what is wrong.",
                answers: [json(200, "Doctor", "The report.")], problems: common + [422]),
            Route(
                method: "GET", path: "/", name: "getDashboard", summary: "The dashboard, for a browser.",
                answers: [Answer(status: 200, summary: "The page.", type: "text/html"), unchanged],
                problems: [400, 422],
                isOpen: true),
            Route(
                method: "GET", path: "/ui/{file}", name: "getDashboardFile",
                summary: "A script, a style or a picture of the dashboard.",
                answers: [Answer(status: 200, summary: "The file.", type: "text/javascript"), unchanged],
                problems: [400, 404, 422], isOpen: true),
        ]
    }
}
