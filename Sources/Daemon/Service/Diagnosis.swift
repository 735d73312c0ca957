internal import API
internal import Coordinator
internal import Documents
internal import Foundation
internal import SearchSpaces
internal import Store
internal import Tensors

/// The doctor's report: what decides speed and exact results, and what is wrong.
struct Diagnosis {
    let document: DoctorDocument

    init(_ core: DaemonCore) throws {
        var checks: [DoctorDocument.Check] = []
        func info(_ name: String, _ text: String) { checks.append(.init(name: name, level: "info", text: text)) }
        func judge(_ name: String, _ isGood: Bool, _ text: String) {
            checks.append(.init(name: name, level: isGood ? "ok" : "warning", text: text))
        }
        let machine = ProcessInfo.processInfo
        info("machine", "\(machine.activeProcessorCount) cores, \(MachineMemory.bytes >> 30) GiB of memory")
        info("numerics", Numerics.fingerprint(core.kernels))
        info("blas", core.kernels.blas.configuration)
        info(
            "workers",
            "\(core.scheduler.workerCount) for \(core.configuration.concurrentRuns) run\(core.configuration.concurrentRuns == 1 ? "" : "s") at a time"
        )
        if let free = DiskSpace.freeBytes(at: core.store.directory.path) {
            judge(
                "disk", free >= core.configuration.diskLow.bytes,
                "\(free >> 20) MiB free, runs wait below \(core.configuration.diskLow.bytes >> 20) MiB")
        }
        let wal = ProcessFigures.size(of: core.store.directory.databasePath + "-wal")
        let outage = core.store.outage
        judge(
            "database", wal < 256 << 20 && outage == nil,
            outage
                ?? "\(ProcessFigures.size(of: core.store.directory.databasePath) >> 10) KiB, log \(wal >> 10) KiB")
        for notice in core.store.notices { checks.append(.init(name: "database", level: "warning", text: notice)) }
        info(
            "dataRoots",
            core.configuration.dataRoots.isEmpty
                ? "none: runs may use generated data only" : "\(core.configuration.dataRoots.count)")
        for root in core.configuration.dataRoots where !FileManager.default.isReadableFile(atPath: root) {
            checks.append(
                .init(
                    name: "dataRoots", level: "warning", text: "\(root) cannot be read; create it or correct dataRoots")
            )
        }
        for webhook in try core.store.webhooks() {
            judge(
                "webhook \(webhook.endpoint.id)", webhook.endpoint.state == .active && webhook.dead == 0,
                "\(webhook.endpoint.state.rawValue), \(webhook.pending) waiting, \(webhook.dead) given up"
                    + (webhook.dead > 0
                        ? "; send them again with "
                            + TerminalText.command(["nas-ctl", "webhooks", "replay", webhook.endpoint.id]) : ""))
        }
        info(
            "memory",
            "\(ProcessFigures.residentBytes >> 20) MiB resident, \(ProcessFigures.openDescriptors) descriptors")
        document = DoctorDocument(version: ProductVersion.text, checks: checks)
    }
}
