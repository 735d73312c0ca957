internal import CSystemCalls
internal import Foundation
internal import Logging
internal import Store

/// What runs in a slot, as the next start of the run finds it noted.
struct SlotRecord: Codable, Hashable {
    /// A process by its id and its start, so that another one of the same id is not taken for it.
    struct Identity: Codable, Hashable {
        let pid: Int32
        let start: UInt64

        /// Whether it is there.
        var isAlive: Bool { start != 0 && nasd_process_start(pid) == start }
    }

    let slot: Int
    /// What everything that comes of the worker has in its environment.
    let mark: String
    var supervisor: Identity?
    var worker: Identity?
}

/// The processes of all slots of a run, on the disk before they are started.
final class SlotRecords {
    private let path: String
    private var records: [Int: SlotRecord] = [:]

    init(folder: String) { path = folder + "/processes.json" }

    /// Ends whatever an earlier start has left, as where a supervisor was killed with the daemon.
    func endLeftovers(_ log: Logger) {
        guard let data = FileManager.default.contents(atPath: path),
            let left = try? JSONDecoder().decode([SlotRecord].self, from: data)
        else { return }
        for record in left {
            let alive = [record.supervisor, record.worker].compactMap(\.self).filter(\.isAlive)
            for process in alive { kill(process.pid, SIGKILL) }
            let marked = nasd_kill_marked("\(WorkerProcess.markName)=\(record.mark)")
            guard !alive.isEmpty || marked > 0 else { continue }
            log.warning(
                "processes of an earlier start were still there and are ended",
                metadata: [
                    "slot": .stringConvertible(record.slot), "processes": .stringConvertible(alive.count + Int(marked)),
                ])
        }
        unlink(path)
    }

    /// Notes what runs in a slot.
    ///
    /// - Throws: `StoreError` where the disk takes no note: nothing is started that nobody would know of.
    func note(_ record: SlotRecord) throws {
        records[record.slot] = record
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try AtomicFile.write(
            try encoder.encode(records.sorted { $0.key < $1.key }.map(\.value)), to: path)
    }

    /// Nothing runs any more.
    func clear() {
        records = [:]
        unlink(path)
    }
}
