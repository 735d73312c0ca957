internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Store
internal import Synchronization

/// The daemon in numbers, in Prometheus' text format.
struct Metrics {
    let text: String

    init(_ core: DaemonCore) throws {
        var lines: [String] = []
        func add(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            lines.append("# HELP nasd_\(name) \(help)")
            lines.append("# TYPE nasd_\(name) \(kind)")
            lines += samples.map { "nasd_\(name)\($0.labels) \($0.value)" }
        }
        func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
            add(name, "gauge", help, [("", "\(value)")])
        }
        add("build_info", "gauge", "The version.", [("{version=\"\(ProductVersion.text)\"}", "1")])
        gauge("ready", "1 when interrupted runs go on and the API is open.", Readiness(core).isReady ? 1 : 0)
        let counts = try core.store.runCounts()
        add(
            "runs", "gauge", "Runs by state.",
            RunState.allCases.map { ("{state=\"\($0.rawValue)\"}", "\(counts[$0] ?? 0)") })
        gauge("computing_runs", "Runs that compute now.", core.scheduler.progress.count)
        for figure in try RunFigures.all(core) { add(figure.name, "gauge", figure.help, figure.samples) }
        let webhooks = try core.store.webhooks()
        gauge("webhook_messages_pending", "Messages waiting for delivery.", webhooks.reduce(0) { $0 + $1.pending })
        gauge("webhook_messages_dead", "Messages given up.", webhooks.reduce(0) { $0 + $1.dead })
        gauge(
            "webhook_endpoints_disabled", "Receivers that answered 410.",
            webhooks.count { $0.endpoint.state == .disabled })
        gauge("event_streams", "Open event streams.", core.changes.count)
        add(
            "http_responses_total", "counter", "Answers by class of status.",
            core.counters.all.map { ("{class=\"\($0.statusClass)xx\"}", "\($0.count)") })
        gauge("conditions", "Limits that the daemon works under, such as low disk.", core.conditions.limits.count)
        gauge("process_resident_memory_bytes", "Resident memory.", ProcessFigures.residentBytes)
        gauge("process_open_fds", "Open file descriptors.", ProcessFigures.openDescriptors)
        gauge(
            "database_wal_bytes", "Size of the database's write-ahead log.",
            ProcessFigures.size(of: core.store.directory.databasePath + "-wal"))
        let uptime = (ContinuousClock.now - core.started).components
        add("uptime_seconds", "gauge", "Seconds since the start.", [("", "\(uptime.seconds)")])
        text = lines.joined(separator: "\n") + "\n"
    }
}

/// Counts of answered requests by the class of their status.
final class RequestCounters: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func count(status: Int) { counts.withLock { $0[status / 100, default: 0] += 1 } }

    /// Class (2 for 2xx) and count.
    var all: [(statusClass: Int, count: Int)] {
        counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}

/// What this process takes of the machine.
package enum ProcessFigures {
    /// Resident memory in bytes.
    package static var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Open file descriptors.
    package static var openDescriptors: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    /// Threads.
    package static var threads: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []).count
    }

    /// The size of a file in bytes; 0 where there is none.
    package static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
