internal import Foundation
public import Logging
internal import Store

/// The log of a run as JSON lines in `log.jsonl`: what happened to it, for people who ask afterwards.
struct RunLog: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    private let handle: FileHandle?

    /// A logger that appends to a run's log; where the file cannot be opened, that is silent.
    ///
    /// - Parameter other: A logger that is told the same.
    static func logger(_ store: RunStore, _ run: RunID, besides other: Logger? = nil) -> Logger {
        let path = store.directory.runDirectory(run) + "/log.jsonl"
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        let handle = descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var logger = Logger(label: "nasd.run") { _ in
            let own = RunLog(handle: handle)
            return other.map { MultiplexLogHandler([own, $0.handler]) } ?? own
        }
        logger[metadataKey: "run"] = "\(run)"
        return logger
    }

    private init(handle: FileHandle?) { self.handle = handle }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = LogLine.json(event, metadata, time: Date().formatted(.iso8601)) + "\n"
        try? handle?.write(contentsOf: Data(line.utf8))
    }
}

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
