extension APIClient {
    /// Where events are announced, and how that goes.
    public func webhooks() throws(APIClientError) -> WebhookList {
        try document(Message(path: ["v1", "webhooks"]))
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
