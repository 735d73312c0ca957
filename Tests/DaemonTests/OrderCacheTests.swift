import Testing

@testable import Daemon
@testable import Store

@Suite struct OrderCacheTests {
    private func order(_ count: Int) -> CandidateOrder {
        CandidateOrder(isDescending: false, entries: (1...count).map { (.number(Double($0)), $0) })
    }

    @Test func whatWasNotAskedForForTheLongestGoes() throws {
        let cache = OrderCache(mostBytes: order(10).bytes * 2)
        var made: [String] = []
        func ask(_ key: String, count: Int = 10) {
            let found = cache.order(key) {
                made.append(key)
                return order(count)
            }
            #expect(found.entries.count == count)
        }
        for key in ["a", "b", "a", "c", "a", "b"] { ask(key) }
        #expect(made == ["a", "b", "c", "b"])
        // One that is larger than all may be is kept while nothing else is asked for.
        for _ in 1...2 { ask("large", count: 100) }
        ask("a")
        ask("large", count: 100)
        #expect(made == ["a", "b", "c", "b", "large", "a", "large"])
    }

    @Test func textsCount() {
        let texts = CandidateOrder(
            isDescending: false, entries: [(.text(String(repeating: "x", count: 1000)), 1), (nil, 2)])
        #expect(texts.bytes > 1000 && order(2).bytes < 100)
    }
}
