internal import Foundation
internal import HTTPClient

extension APIClient {
    /// Hands on the events of a run, or those of the daemon, in their order.
    ///
    /// Progress that the daemon rewrote after it had been sent comes again, under the same number.
    ///
    /// A connection that breaks is made again after the time that the daemon asks for, and resumes behind the last event;
    /// only the first must succeed.
    ///
    /// - Parameters:
    ///   - run: The run, or nil for the daemon.
    ///   - after: The sequence number behind which to start; nil for the beginning.
    ///   - follows: Whether to wait for events to come, or end with those that are there.
    ///   - interrupted: Told why the connection is made again.
    ///   - receive: Gets every event; false ends the stream.
    public func events(
        of run: String?, after: Int? = nil, follows: Bool, interrupted: (APIClientError) -> Void = { _ in },
        _ receive: (EventDocument) -> Bool
    ) throws(APIClientError) {
        var position = after.map(String.init) ?? ""
        var retryMilliseconds = 3000
        var hasConnected = false
        var fruitless = 0
        while true {
            var parser = EventStreamParser(lastEventID: position)
            var isWanted = true
            var damage: String?
            var hasCome = false
            do throws(APIClientError) {
                _ = try stream(eventRequest(run, position, follows)) { _ in
                    hasConnected = true
                } _: { part in
                    hasCome = true
                    for event in parser.push(part) {
                        guard let document = EventDocument(json: event.data) else {
                            damage = "an event that is none"
                            return false
                        }
                        isWanted = receive(document)
                        if !isWanted { return false }
                    }
                    if parser.isOverlong { damage = "an event of more than \(EventStreamParser.longestEvent) bytes" }
                    return damage == nil
                }
                if let damage { throw unexpected(damage) }
                // The end of a stream that follows is no end: the daemon goes, or sends its clients away.
                guard isWanted, follows else { return }
            } catch {
                guard hasConnected, error.isTransient else { throw error }
                fruitless = hasCome ? 0 : fruitless + 1
                // What is there already is worth some attempts, what is to come any number.
                guard follows || fruitless < 5 else { throw error }
                interrupted(error)
            }
            position = parser.lastEventID
            retryMilliseconds = parser.retryMilliseconds ?? retryMilliseconds
            Thread.sleep(forTimeInterval: Double(retryMilliseconds) / 1000)
        }
    }

    private func eventRequest(_ run: String?, _ position: String, _ follows: Bool) -> Message {
        var headers = [(name: "Accept", value: "text/event-stream")]
        // What the stream said itself, or a number; still nothing that could end the field.
        if !position.isEmpty, position.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            headers.append(("Last-Event-ID", position))
        }
        return Message(
            path: run.map { ["v1", "runs", $0, "events"] } ?? ["v1", "events"],
            query: [("follow", follows ? nil : "false")], headers: headers,
            // A comment comes every 15 s.
            limits: HTTPLimits(totalMilliseconds: nil, silenceMilliseconds: 45_000))
    }
}
