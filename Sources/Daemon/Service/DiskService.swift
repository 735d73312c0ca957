internal import Coordinator
internal import Logging
internal import ServiceLifecycle
internal import Store

/// Watches the free space: below `diskLow` runs wait, and go on once there is more.
struct DiskService: Service {
    let core: DaemonCore

    private static let interval = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await core.blocking { [self] in look() }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func look() {
        guard let free = DiskSpace.freeBytes(at: core.store.directory.path) else { return }
        let wanted = core.configuration.diskLow.bytes
        let isLow = free < wanted
        let text = "\(free >> 20) MiB are free of the \(wanted >> 20) MiB that diskLow asks for; runs wait"
        let isChanged = core.conditions.set("disk", isLow ? text : nil)
        if isLow {
            core.scheduler.hold()
        } else {
            // Also after a write that found the disk full between two looks.
            core.scheduler.release()
        }
        guard isChanged else { return }
        core.log.warning("\(isLow ? text : "there is room on the disk again")")
        let data = "{\"condition\":\"disk\",\"freeBytes\":\(free)}"
        do {
            try core.store.appendDaemonEvent(
                EventDraft(isLow ? .daemonDegraded : .daemonRecovered, data: data), time: core.now)
        } catch {
            core.log.error("the event could not be written", metadata: ["reason": "\(error)"])
        }
    }
}
