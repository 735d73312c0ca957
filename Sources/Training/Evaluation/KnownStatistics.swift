internal import SearchSpaces
internal import Supernets
internal import Synchronization
internal import Tensors

/// Statistics of subnets that were measured, so that whoever measures a subnet again has them: further parts of a race, the test
/// behind the validation, the network that is handed over.
///
/// They are a function of the subnet, the weights that it computes with and the calibration, and are kept under these: whatever is
/// trained on has other weights, so nothing is ever told for another state. The oldest go first where there is no more room.
final class KnownStatistics: Sendable {
    /// What statistics are of.
    struct Key: Hashable {
        let weights: StableHash
        let use: Calibration.Use
        let genome: Genome
    }

    /// Values that are held at most: 4 MiB.
    static let usualCount = 1 << 20

    private struct State {
        var values: [Key: [Float]] = [:]
        /// In the order in which they came.
        var order: [Key] = []
        var count = 0
    }

    private let state = Mutex(State())
    private let most: Int

    init(most: Int = usualCount) { self.most = most }

    /// The values of the parts of each subnet from the front; nil for one that is not known.
    func values(of keys: [Key]) -> [[Float]?] { state.withLock { state in keys.map { state.values[$0] } } }

    /// Keeps the values of a subnet.
    func note(_ values: [Float], of key: Key) {
        guard values.count <= most else { return }
        state.withLock { state in
            guard state.values[key] == nil else { return }
            state.values[key] = values
            state.order.append(key)
            state.count += values.count
            var gone = 0
            while state.count > most {
                state.count -= state.values.removeValue(forKey: state.order[gone])?.count ?? 0
                gone += 1
            }
            state.order.removeFirst(gone)
        }
    }

    /// Drops all.
    func forget() { state.withLock { $0 = State() } }
}
