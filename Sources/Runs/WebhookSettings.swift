internal import Documents

/// Where events of a run are announced.
public struct WebhookSettings: Sendable, Hashable {
    /// The address that is posted to.
    public let url: String
    /// The name of the secret that signs.
    public let secret: String
    /// Event types or patterns such as `run.*`; default all.
    public let events: [String]

    private static let types = [
        "run.queued", "run.started", "run.recovered", "run.paused", "run.resumed", "run.completed", "run.failed",
        "run.cancelled", "run.progress", "search.round", "search.front", "training.rollback", "evaluator.degraded",
        "evaluator.recovered", "daemon.started", "daemon.degraded", "daemon.recovered", "webhook.test",
    ]

    init(_ reader: SectionReader) {
        reader.describe([
            "url": "an http or https address",
            "secret": "the name of the secret that signs",
            "events": "types of events, or patterns such as run.*; by default all",
            "events[]": "a type, or a pattern such as run.*",
        ])
        url = reader.text("url", expected: "an http or https address")
        if !url.isEmpty, !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            reader.report("expected an http or https address, found '\(url.prefix(80))'", key: "url")
        }
        secret = reader.text("secret", expected: "the name of a secret")
        let items = reader.list("events", isRequired: false, expected: "a list of event types", most: 100)
        let path = reader.path("events")
        reader.collector.note("\(path)[]", .text)
        let listed = items.enumerated().compactMap { index, item in
            if let text = SectionReader.text(item), Self.isKnown(text) { return text }
            reader.collector.report(
                "expected an event type or a pattern such as run.*, found \(item.kindText)", at: item.position,
                path: "\(path)[\(index)]",
                hint: SectionReader.text(item).flatMap { Spelling.nearest(to: $0, among: Self.types) }
                    .map { "did you mean '\($0)'?" })
            return nil
        }
        events = reader.has("events") ? listed : ["*"]
        reader.finish()
    }

    /// What is wrong with settings that did not come from a run file, by key.
    public static func faults(url: String, secret: String?, events: [String]) -> [(key: String, message: String)] {
        var faults: [(key: String, message: String)] = []
        if !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            faults.append(("url", "expected an http or https address, found '\(url.prefix(80))'"))
        }
        if secret == nil { faults.append(("secret", "expected the name of a secret, found nothing")) }
        for event in events where !isKnown(event) {
            let hint = Spelling.nearest(to: event, among: types).map { "; did you mean '\($0)'?" } ?? ""
            faults.append(
                ("events", "expected an event type or a pattern such as run.*, found '\(event.prefix(80))'\(hint)"))
        }
        return faults
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("webhook.url", quoted: url)
        resolved.add("webhook.secret", quoted: secret)
        resolved.add("webhook.events", plain: "[\(events.map(ResolvedEntries.quoted).joined(separator: ", "))]")
    }

    private static func isKnown(_ pattern: String) -> Bool {
        pattern == "*" || types.contains(pattern)
            || (pattern.hasSuffix(".*") && types.contains { $0.hasPrefix(pattern.dropLast()) })
    }
}
