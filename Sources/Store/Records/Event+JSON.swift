import Foundation

extension Event {
    /// Names of earlier versions may be longer than a message.
    private static let longestName = 200

    /// The event as it is announced: `{"data":{…,"name":…,"run":…,"seq":…},"timestamp":…,"type":…}`, one line.
    public var json: String {
        var identity = ""
        if let name {
            identity += "\"name\":\(JSONString.quoted(String(name.unicodeScalars.prefix(Self.longestName)))),"
        }
        if let run { identity += "\"run\":\"\(run)\"," }
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
