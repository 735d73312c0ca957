internal import Store
internal import Synchronization

/// The orders of completed runs that were asked for last: whoever lists 100,000 candidates by a column asks for a hundred pages of one.
final class OrderCache: Sendable {
    private static let most = 4
    /// Candidates of all orders together, each of some 40 bytes.
    private static let mostCandidates = 1_000_000
    private let orders = Mutex<[(key: String, order: CandidateOrder)]>([])

    /// The order for a key, which says all that it depends on; the newest use is the last to be forgotten.
    func order(_ key: String, make: () throws -> CandidateOrder) rethrows -> CandidateOrder {
        let known = orders.withLock { orders -> CandidateOrder? in
            guard let place = orders.firstIndex(where: { $0.key == key }) else { return nil }
            orders.append(orders.remove(at: place))
            return orders.last?.order
        }
        if let known { return known }
        let order = try make()
        orders.withLock { orders in
            orders.removeAll { $0.key == key }
            orders.append((key, order))
            while orders.count > Self.most || orders.reduce(0, { $0 + $1.order.count }) > Self.mostCandidates {
                orders.removeFirst()
            }
        }
        return order
    }
}
