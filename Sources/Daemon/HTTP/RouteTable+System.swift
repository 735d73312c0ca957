/// Receivers of events, and the daemon itself.
extension RouteTable {
    static var webhooks: [Route] {
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

    static var system: [Route] {
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
