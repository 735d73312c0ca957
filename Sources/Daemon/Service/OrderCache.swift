internal import Store
internal import Synchronization

/// The orders of completed runs that were asked for last: whoever lists 100,000 candidates by a column asks for a hundred pages of one.
final class OrderCache: Sendable {
    private let mostBytes: Int
    private let orders = Mutex<[(key: String, order: CandidateOrder, bytes: Int)]>([])

    /// Creates a cache that keeps at least the newest order, and others while all together take no more.
    init(mostBytes: Int) { self.mostBytes = mostBytes }

    /// The order for a key, which says all that it depends on; what was not asked for for the longest is forgotten first.
    func order(_ key: String, make: () throws -> CandidateOrder) rethrows -> CandidateOrder {
        let known = orders.withLock { orders -> CandidateOrder? in
            guard let place = orders.firstIndex(where: { $0.key == key }) else { return nil }
            orders.append(orders.remove(at: place))
            return orders.last?.order
        }
        if let known { return known }
        let order = try make()
        let bytes = order.bytes
        orders.withLock { orders in
            orders.removeAll { $0.key == key }
            orders.append((key, order, bytes))
            while orders.count > 1, orders.reduce(0, { $0 + $1.bytes }) > mostBytes { orders.removeFirst() }
        }
        return order
    }
}
