public import Logging

/// A line of a log as JSON, of a run or of the daemon: one object with sorted keys, numbers and truth values as such.
public enum LogLine {
    /// The line, without its end.
    ///
    /// - Parameters:
    ///   - metadata: What the handler adds; what the event has of the same name outdoes it.
    ///   - time: The moment by RFC 3339.
    public static func json(_ event: LogEvent, _ metadata: Logger.Metadata, time: String) -> String {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(EventData.init)
        fields["time"] = .text(time)
        fields["level"] = .text(event.level.rawValue)
        fields["message"] = .text("\(event.message)")
        return EventData.object(fields)
    }
}

extension EventData {
    /// A value of a log: what was handed over as a number or a truth value is one, everything else is text.
    fileprivate init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .stringConvertible(let value as Bool): self = .truth(value)
        case .stringConvertible(let value as Double): self = .real(value)
        case .stringConvertible(let value as Int): self = .number(value)
        case .stringConvertible(let value): self = .text("\(value)")
        case .array(let values): self = .list(values.map(EventData.init))
        case .dictionary(let fields): self = .fields(fields.mapValues(EventData.init))
        }
    }
}
