internal import Foundation
internal import Synchronization

/// Threads of its own that share out the items of a job; compute never runs on the cooperative pool.
///
/// The caller works too, as worker 0. Which worker takes which item is left to chance, so an item must write only what no
/// other item writes, and may use the memory of its worker as scratch. One caller at a time.
///
/// - Invariant (unchecked Sendable): the job is written before the workers are woken and cleared after the last one has
///   finished; semaphores order the two.
public final class WorkerPool: @unchecked Sendable {
    /// A piece of work: the worker that does it and the number of the item.
    public typealias Body = (_ worker: Int, _ item: Int) -> Void

    /// Number of workers, the caller included.
    public let count: Int
    private let next = Atomic<Int>(0)
    private let busy = Atomic<Int>(0)
    private let wake: [DispatchSemaphore]
    private let done = DispatchSemaphore(value: 0)
    private var body: Body?
    private var items = 0

    /// Starts `count - 1` threads.
    ///
    /// - Parameter begin: Called first on each of them.
    public init(count: Int, begin: (@Sendable () -> Void)? = nil) {
        precondition(count >= 1, "a pool has a worker")
        self.count = count
        wake = (1..<max(1, count)).map { _ in DispatchSemaphore(value: 0) }
        for (index, semaphore) in wake.enumerated() {
            // The thread holds the pool only while it works, so that dropping the pool ends it.
            let thread = Thread { [weak self] in
                begin?()
                while true {
                    semaphore.wait()
                    guard let pool = self else { return }
                    pool.takeItems(as: index + 1)
                    if pool.busy.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { pool.done.signal() }
                }
            }
            thread.name = "nasd worker \(index + 1)"
            // Below the size of a huge page: the C library keeps ended stacks, and each would hold 2 MiB and more.
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit {
        for semaphore in wake { semaphore.signal() }
    }

    /// Runs `body` for every item from 0 up to `items`, and returns when all are done.
    public func run(_ items: Int, _ body: Body) {
        guard count > 1, items > 1 else {
            for item in 0..<items { body(0, item) }
            return
        }
        withoutActuallyEscaping(body) { body in
            self.body = body
            self.items = items
            next.store(0, ordering: .relaxed)
            let helpers = min(count, items) - 1
            busy.store(helpers, ordering: .releasing)
            for helper in 0..<helpers { wake[helper].signal() }
            takeItems(as: 0)
            done.wait()
            self.body = nil
        }
    }

    private func takeItems(as worker: Int) {
        guard let body else { return }
        while true {
            let item = next.add(1, ordering: .relaxed).oldValue
            if item >= items { return }
            body(worker, item)
        }
    }
}
