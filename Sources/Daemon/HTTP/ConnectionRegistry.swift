internal import NIOCore
internal import Synchronization

/// The connections of one address, at most so many: whoever comes next takes the place of the one that has asked for
/// nothing the longest.
///
/// So peers that only hold connections keep nobody out, however many they open.
final class ConnectionRegistry: Sendable {
    private struct Entry {
        let channel: any Channel
        /// When it last began to ask for nothing, by a count; nil while it waits for an answer.
        var idleSince: Int?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var clock = 0
    }

    private let most: Int
    private let state = Mutex(State())

    /// Creates a registry of at most so many connections.
    init(most: Int) { self.most = most }

    /// How many there are.
    var count: Int { state.withLock { $0.entries.count } }

    /// Takes a new connection in, and closes another where there are too many, or this one where all others wait for
    /// answers.
    func add(_ channel: any Channel) {
        let surplus: (any Channel)? = state.withLock { state in
            state.clock += 1
            var surplus: (any Channel)?
            if state.entries.count >= most {
                let idle = state.entries.filter { $0.value.idleSince != nil }
                let oldest = idle.min { ($0.value.idleSince ?? 0) < ($1.value.idleSince ?? 0) }
                guard let oldest else { return channel }
                surplus = oldest.value.channel
                state.entries[oldest.key] = nil
            }
            state.entries[ObjectIdentifier(channel)] = Entry(channel: channel, idleSince: state.clock)
            return surplus
        }
        surplus?.close(promise: nil)
    }

    /// Notes whether a connection waits for an answer.
    func note(_ channel: any Channel, isWaiting: Bool) {
        state.withLock { state in
            state.clock += 1
            state.entries[ObjectIdentifier(channel)]?.idleSince = isWaiting ? nil : state.clock
        }
    }

    /// Closes all of them.
    func closeAll() {
        for channel in state.withLock({ $0.entries.values.map(\.channel) }) { channel.close(promise: nil) }
    }

    /// Forgets a connection that is closed.
    func remove(_ channel: any Channel) {
        state.withLock { _ = $0.entries.removeValue(forKey: ObjectIdentifier(channel)) }
    }
}
