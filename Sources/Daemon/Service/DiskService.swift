internal import Coordinator
internal import Logging
internal import ServiceLifecycle
internal import Store

/// Watches the disk: below `diskLow` runs wait, and go on once there is more room; and while the database takes no writes,
/// it is tried again and again, so that everybody sees when it does.
struct DiskService: Service {
    let core: DaemonCore

    private static let interval = Duration.seconds(5)
    private static let outageInterval = Duration.milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await core.blocking { [self] in
                    look()
                    lookAtStore()
                }
                try? await Task.sleep(for: core.store.outage == nil ? Self.interval : Self.outageInterval)
            }
        }
    }

    /// Tries the database where its last write failed, and tells when that begins and ends.
    private func lookAtStore() {
        guard let reason = core.store.outage ?? core.conditions.limits["store"] else { return }
        if core.conditions.set("store", reason) {
            core.log.error("the database takes no writes; runs try again", metadata: ["reason": "\(reason)"])
        }
        guard (try? core.store.probe()) != nil, core.conditions.set("store", nil) else { return }
        core.log.warning("the database takes writes again")
        let data = "{\"condition\":\"store\"}"
        for type in [EventType.daemonDegraded, .daemonRecovered] {
            // What could not be told while it was so is told now.
            do {
                try core.store.appendDaemonEvent(EventDraft(type, data: data), time: core.now)
            } catch {
                core.log.error("the event could not be written", metadata: ["reason": "\(error)"])
            }
        }
        core.scheduler.wake()
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
