internal import API
internal import Store

/// Runs, what is asked of them, and what they found.
extension RouteTable {
    static var runs: [Route] {
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

    static var results: [Route] {
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
}
