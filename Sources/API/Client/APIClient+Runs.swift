internal import Foundation
internal import HTTPClient

extension APIClient {
    /// A page of runs, the newest first.
    ///
    /// - Parameters:
    ///   - state: Only runs of this state.
    ///   - name: Only runs of this name.
    ///   - cursor: The page after the one that ended with this cursor.
    public func runs(
        state: String? = nil, name: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) throws(APIClientError) -> RunList {
        try document(
            Message(
                path: ["v1", "runs"],
                query: [("state", state), ("name", name), ("limit", limit.map(String.init)), ("cursor", cursor)]))
    }

    /// Every live or paused run, and the last that ended.
    public func currentRuns() throws(APIClientError) -> RunList {
        var all: [RunItem] = []
        var cursor: String?
        repeat {
            let page: RunList = try document(
                Message(
                    path: ["v1", "runs"], query: [("selection", "current"), ("limit", "1000"), ("cursor", cursor)]))
            all += page.runs
            cursor = page.next
        } while cursor != nil
        return RunList(runs: all)
    }

    /// A run, by its id, a unique prefix of at least 4 characters, or a name that only it has.
    public func run(_ name: String) throws(APIClientError) -> RunDocument {
        try document(Message(path: ["v1", "runs", name]))
    }

    /// Hands a run in.
    ///
    /// When the connection breaks before the answer is there, it is sent once more; the daemon knows the key again and
    /// does nothing twice.
    ///
    /// - Parameters:
    ///   - yaml: A `RunSubmission` as text.
    ///   - idempotencyKey: Unique to this submission.
    public func submit(
        yaml: String, priority: Int? = nil, idempotencyKey: String
    ) throws(APIClientError) -> RunDocument {
        let message = submission(yaml, [("priority", priority.map(String.init))], idempotencyKey)
        do {
            return try document(message)
        } catch {
            guard case .broken = error else { throw error }
            return try document(message)
        }
    }

    /// What a submission would take; nothing is stored.
    public func estimate(yaml: String) throws(APIClientError) -> SubmissionEstimate {
        try document(submission(yaml, [("dryRun", "true")], nil))
    }

    /// Changes what of a run may still be changed.
    public func change(_ name: String, _ limits: RunLimits) throws(APIClientError) -> RunDocument {
        let body: Data
        do {
            body = try WireFormat.encode(limits)
        } catch {
            throw unexpected("\(error)")
        }
        return try document(
            Message(
                method: "PATCH", path: ["v1", "runs", name], headers: [("Content-Type", "application/json")],
                body: Array(body)))
    }

    /// Asks a run to pause, at the end of its step.
    public func pause(_ name: String) throws(APIClientError) -> RunDocument { try act("pause", name) }

    /// Asks a paused or failed run to go on.
    ///
    /// - Parameter allowsNumericsChange: Whether it may go on with other kernels than it began with.
    public func resume(
        _ name: String, allowsNumericsChange: Bool = false
    ) throws(APIClientError) -> RunDocument {
        try act("resume", name, [("allowNumericsChange", allowsNumericsChange ? "true" : nil)])
    }

    /// Asks a run to end, at the end of its step.
    public func cancel(_ name: String) throws(APIClientError) -> RunDocument { try act("cancel", name) }

    /// Deletes a run that is paused or has ended, and everything it left.
    public func delete(_ name: String) throws(APIClientError) {
        try send(Message(method: "DELETE", path: ["v1", "runs", name]))
    }

    private func act(
        _ verb: String, _ name: String, _ query: [(name: String, value: String?)] = []
    ) throws(APIClientError) -> RunDocument {
        try document(Message(method: "POST", path: ["v1", "runs", name, verb], query: query))
    }

    private func submission(_ yaml: String, _ query: [(name: String, value: String?)], _ key: String?) -> Message {
        var headers = [(name: "Content-Type", value: "application/yaml")]
        if let key { headers.append(("Idempotency-Key", key)) }
        return Message(
            method: "POST", path: ["v1", "runs"], query: query, headers: headers, body: Array(yaml.utf8),
            // The daemon looks at the data before it says yes.
            limits: HTTPLimits(totalMilliseconds: 120_000))
    }
}

extension APIClient {
    /// Where events are announced, and how that goes.
    public func webhooks() throws(APIClientError) -> WebhookList {
        try document(Message(path: ["v1", "webhooks"]))
    }

    /// A page of what waits for a receiver or was given up, with the attempts.
    public func webhookMessages(
        of id: String, limit: Int? = nil, cursor: String? = nil
    ) throws(APIClientError) -> WebhookMessageList {
        try document(
            Message(
                path: ["v1", "webhooks", id, "messages"],
                query: [("limit", limit.map(String.init)), ("cursor", cursor)]))
    }

    /// Sends the messages that were given up once more.
    public func replayWebhook(_ id: String) throws(APIClientError) -> WebhookReplay {
        try document(Message(method: "POST", path: ["v1", "webhooks", id, "replay"]))
    }

    /// Sends a message that only tests the way.
    public func testWebhook(_ id: String) throws(APIClientError) {
        try send(Message(method: "POST", path: ["v1", "webhooks", id, "test"]))
    }

    /// What of the daemon and its machine decides speed and exact results, and what is wrong.
    public func doctor() throws(APIClientError) -> DoctorDocument {
        try document(Message(path: ["v1", "doctor"]))
    }
}
