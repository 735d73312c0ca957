import Foundation

extension Event {
    /// The event as it is announced: `{"data":{…,"run":…,"seq":…},"timestamp":…,"type":…}`, one line.
    public var json: String {
        let identity = run.map { "\"run\":\"\($0)\"," } ?? ""
        let fields = content.data.dropFirst().dropLast()
        let data = "{\(fields)\(fields.isEmpty ? "" : ",")\(identity)\"seq\":\(sequence)}"
        return "{\"data\":\(data),\"timestamp\":\"\(time.text)\",\"type\":\"\(content.type.rawValue)\"}"
    }
}

extension Timestamp {
    /// The moment by RFC 3339 in UTC, to the millisecond, such as `2026-01-31T12:00:00.123Z`.
    public var text: String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
