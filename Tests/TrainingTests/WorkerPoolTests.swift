import Synchronization
import Testing
import Training

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 7]) func everyItemIsDoneOnce(workers: Int) throws {
        let pool = try WorkerPool(count: workers)
        for items in [0, 1, 2, 5, 100, 1000] {
            let done = UnsafeMutableBufferPointer<Int>.allocate(capacity: max(1, items))
            done.initialize(repeating: 0)
            defer { done.deallocate() }
            let outside = Atomic<Int>(0)
            for _ in 0..<20 {
                pool.run(items) { worker, item in
                    done[item] += 1
                    if worker < 0 || worker >= workers { outside.add(1, ordering: .relaxed) }
                }
            }
            #expect(done.prefix(items).allSatisfy { $0 == 20 })
            #expect(outside.load(ordering: .relaxed) == 0)
        }
    }

    @Test func poolsComeAndGo() throws {
        for _ in 0..<200 {
            let pool = try WorkerPool(count: 3)
            let sum = Atomic<Int>(0)
            pool.run(10) { _, item in sum.add(item, ordering: .relaxed) }
            #expect(sum.load(ordering: .relaxed) == 45)
        }
    }
}
