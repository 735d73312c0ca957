internal import Foundation
internal import Synchronization
public import Tensors

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

    /// Starts the threads of workers that multiply with some kernels, once there is room for what these map.
    ///
    /// OpenBLAS waits for ever for address space that it does not get, and maps it when a thread first multiplies.
    /// - Parameters:
    ///   - count: Workers; no more than ``Kernels/mostWorkers``.
    ///   - begin: Called first on each thread.
    /// - Throws: ``ThreadError``.
    public convenience init(
        count: Int, kernels: Kernels, begin: (@Sendable () -> Void)? = nil
    ) throws(ThreadError) {
        try Self.checkRoom(workers: count, bytesEach: kernels.addressBytesOfWorker)
        try self.init(count: count, begin: begin)
    }

    /// Starts `count - 1` threads.
    ///
    /// - Parameter begin: Called first on each of them.
    /// - Throws: ``ThreadError/tooFew(started:wanted:code:)``; none of them is left then.
    public init(count: Int, begin: (@Sendable () -> Void)? = nil) throws(ThreadError) {
        precondition(count >= 1, "a pool has a worker")
        self.count = count
        wake = (1..<max(1, count)).map { _ in DispatchSemaphore(value: 0) }
        for (index, semaphore) in wake.enumerated() {
            do throws(ThreadError) {
                // The thread holds the pool only while it works, so that dropping the pool ends it.
                try SystemThread.start("worker \(index + 1)", stackBytes: SystemThread.computingStackBytes) {
                    [weak self] in
                    begin?()
                    while true {
                        semaphore.wait()
                        guard let pool = self else { return }
                        pool.takeItems(as: index + 1)
                        if pool.busy.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { pool.done.signal() }
                    }
                }
            } catch {
                // The pool goes with this error, and its threads with the pool.
                throw error.amongMany(started: index, wanted: count - 1)
            }
        }
    }

    /// Maps what every worker will, and gives it back.
    private static func checkRoom(workers: Int, bytesEach: Int) throws(ThreadError) {
        guard bytesEach > 0 else { return }
        var places: [UnsafeMutableRawPointer] = []
        defer { for place in places { munmap(place, bytesEach) } }
        for _ in 0..<workers {
            guard let place = mmap(nil, bytesEach, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                place != MAP_FAILED
            else { throw .noRoom(workers: workers, neededBytes: workers * bytesEach) }
            places.append(place)
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
