internal import Foundation
internal import Logging
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
