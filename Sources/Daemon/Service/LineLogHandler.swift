internal import CSystemCalls
internal import Coordinator
internal import Documents
internal import Foundation
internal import Logging
internal import SearchSpaces
internal import Synchronization

/// Log lines on standard error: for people, or one JSON object each.
struct LineLogHandler: LogHandler {
    /// The daemon's level, unless this handler was given one of its own.
    var logLevel: Logger.Level {
        get { own ?? shared.value }
        set { own = newValue }
    }
    private var own: Logger.Level?
    private let shared: SharedLogLevel
    var metadata: Logger.Metadata = [:]
    let format: DaemonConfiguration.LogFormat

    init(_ shared: SharedLogLevel, format: DaemonConfiguration.LogFormat) {
        self.shared = shared
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let line: String
        switch format {
        case .text:
            let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            let details = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            line = TerminalText.escaped("\(time) \(event.level.rawValue) \(event.message)\(details)")
        case .json: line = LogLine.json(event, metadata, time: time)
        }
        // One write a line, so that lines of several threads do not mix.
        let bytes = Array((line.replacing("\n", with: "\\n") + "\n").utf8)
        // Where nobody takes it, it is gone, and the daemon goes on.
        _ = nasd_write_all(STDERR_FILENO, bytes, bytes.count)
    }
}

/// How much is logged, while it can be changed.
final class SharedLogLevel: Sendable {
    private let level: Mutex<Logger.Level>

    init(_ level: Logger.Level) { self.level = Mutex(level) }

    var value: Logger.Level {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
    }
}

extension Logger {
    /// The logger for the libraries underneath, whose own lines below warnings are for their developers.
    var quiet: Logger {
        var quiet = self
        quiet.logLevel = max(logLevel, .warning)
        return quiet
    }
}
