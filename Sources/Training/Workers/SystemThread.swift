internal import CSystemCalls
internal import Dispatch
internal import Foundation

/// Threads for computing and for what blocks, never those of the cooperative pool.
public enum SystemThread {
    /// The stack of a thread that computes: below the size of a huge page, since the C library keeps ended stacks, and each
    /// would hold 2 MiB and more.
    public static let computingStackBytes = 1 << 20
    /// The stack of a thread that does what a whole program may do.
    public static let usualStackBytes = 8 << 20

    /// What a thread runs, passed to it as one address.
    private final class Work {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that ends with its body.
    ///
    /// - Parameters:
    ///   - name: What debuggers call it, at most 15 bytes.
    ///   - stackBytes: The size of its stack.
    /// - Throws: ``ThreadError/refused(code:)`` when the system starts no more.
    public static func start(
        _ name: String, stackBytes: Int = usualStackBytes, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        let work = Unmanaged.passRetained(Work(name: name, body: body))
        let code = nasd_start_thread(
            stackBytes,
            { address in
                guard let address else { return nil }
                let work = Unmanaged<Work>.fromOpaque(address).takeRetainedValue()
                nasd_name_thread(String(work.name.prefix(15)))
                work.body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw .refused(code: code)
        }
    }

    /// Checks that threads can be started beside those that there are, by starting and ending them.
    ///
    /// - Throws: ``ThreadError/tooFew(started:wanted:code:)``.
    public static func check(_ wanted: Int) throws(ThreadError) {
        let end = DispatchSemaphore(value: 0), ended = DispatchSemaphore(value: 0)
        var started = 0
        defer {
            for _ in 0..<started { end.signal() }
            for _ in 0..<started { ended.wait() }
        }
        while started < wanted {
            do throws(ThreadError) {
                try start("nasd probe", stackBytes: 64 << 10) {
                    end.wait()
                    ended.signal()
                }
                started += 1
            } catch {
                throw error.amongMany(started: started, wanted: wanted)
            }
        }
    }
}

/// Why threads cannot be had.
public enum ThreadError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system starts no thread.
    case refused(code: Int32)
    /// The system starts fewer threads than are wanted.
    case tooFew(started: Int, wanted: Int, code: Int32)
    /// The address space has no room for what OpenBLAS maps for each thread.
    case noRoom(workers: Int, neededBytes: Int)

    /// What, where and how to mend it.
    public var description: String {
        let remedy =
            "choose fewer --workers, or permit this process more threads (ulimit -u, or the pids limit of its container)"
        return switch self {
        case .refused(let code): "no thread can be started: \(String(cString: strerror(code))); \(remedy)"
        case .tooFew(let started, let wanted, let code):
            "only \(started) of \(wanted) threads can be started: \(String(cString: strerror(code))); \(remedy)"
        case .noRoom(let workers, let needed):
            "the address space of this process has no room for \(needed >> 20) MiB, which OpenBLAS maps for "
                + "\(workers) workers; choose fewer --workers, or raise the limit (ulimit -v)"
        }
    }

    /// The error of one thread as that of many, of which so many could be started.
    func amongMany(started: Int, wanted: Int) -> ThreadError {
        if case .refused(let code) = self { .tooFew(started: started, wanted: wanted, code: code) } else { self }
    }
}
