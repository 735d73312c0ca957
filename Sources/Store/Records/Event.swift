public import Foundation

/// Something that happened, as it is stored.
public struct Event: Sendable, Hashable {
    /// Its run; nil for events of the daemon.
    public let run: RunID?
    /// The name of the run; nil for events of the daemon.
    public let name: String?
    /// 1… per run, without gaps.
    public let sequence: Int
    /// When.
    public let time: Timestamp
    /// What.
    public let content: EventDraft
}

/// Something that happened, before it has a number.
public struct EventDraft: Sendable, Hashable {
    /// Its type.
    public var type: EventType
    /// Details, as a JSON object.
    public var data: String
    /// What makes a repeated write recognisable, such as `round-3`; nil when every write is a new event.
    public var key: String?

    /// Creates a draft.
    public init(_ type: EventType, data: String = "{}", key: String? = nil) {
        self.type = type
        self.data = data
        self.key = key
    }
}

/// The closed list of event types.
public enum EventType: String, Sendable, Hashable, CaseIterable, Codable {
    /// A run was handed in or waits again.
    case runQueued = "run.queued"
    /// A run began to work.
    case runStarted = "run.started"
    /// A run went on after a stop of the process.
    case runRecovered = "run.recovered"
    /// A run paused.
    case runPaused = "run.paused"
    /// A run goes on after a pause or a failure.
    case runResumed = "run.resumed"
    /// A run ended well.
    case runCompleted = "run.completed"
    /// A run failed.
    case runFailed = "run.failed"
    /// A run was cancelled.
    case runCancelled = "run.cancelled"
    /// A run got further.
    case runProgress = "run.progress"
    /// A round ended.
    case searchRound = "search.round"
    /// The front changed.
    case searchFront = "search.front"
    /// Training went back to the last good checkpoint.
    case trainingRollback = "training.rollback"
    /// A slot of the evaluator fails again and again, and rests.
    case evaluatorDegraded = "evaluator.degraded"
    /// The slot answers again.
    case evaluatorRecovered = "evaluator.recovered"
    /// The daemon started.
    case daemonStarted = "daemon.started"
    /// The daemon works under a limit, such as low disk.
    case daemonDegraded = "daemon.degraded"
    /// The limit is gone.
    case daemonRecovered = "daemon.recovered"
    /// A test message.
    case webhookTest = "webhook.test"

    /// Whether events of this type belong to the daemon and not to a run.
    public var isOfDaemon: Bool { rawValue.hasPrefix("daemon.") || self == .webhookTest }
}

/// A moment, in whole milliseconds since 1970 UTC; the store never reads a clock itself.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// Creates a moment.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Rounds a date to the millisecond.
    public init(_ date: Date) { milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    /// The moment as a date.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Earlier is less.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

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

/// Text within JSON.
public enum JSONString {
    /// The text with its quotes.
    public static func quoted(_ text: String) -> String {
        // Most text is plain, and an encoder takes a hundred times as long for it.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            return "\"\(text)\""
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A text always encodes.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
