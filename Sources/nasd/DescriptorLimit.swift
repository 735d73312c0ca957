internal import API
internal import CSystemCalls
internal import Dispatch

/// The limit of files that are open at once.
enum DescriptorLimit {
    /// What a run in the foreground opens, with the libraries below it, which end the process where they cannot.
    static let ofRun: Int32 = 32
    /// The same of the daemon, with a run and a few peers.
    static let ofDaemon: Int32 = 64

    /// Sees that so many more files can be opened, raising the limit where it is too low and may be raised.
    ///
    /// - Throws: `Failure` where they cannot.
    static func check(_ least: Int32) throws(Failure) {
        guard nasd_free_descriptors(least) < least else { return }
        let limit = nasd_raise_descriptor_limit()
        let free = nasd_free_descriptors(least)
        guard free < least else { return }
        throw Failure(
            code: .failure,
            message:
                "error: only \(free) more files can be opened, where at least \(least) are needed: at most \(limit) may be open "
                + "at once; raise that limit, as by ulimit -n 1024")
    }

    /// Has libdispatch open now what it opens with the first wait on each clock, and ends the process where it cannot: later there may
    /// be as many peers as there may be files.
    static func openTimers() async throws {
        try await Task.sleep(for: .milliseconds(1), clock: .continuous)
        try await Task.sleep(for: .milliseconds(1), clock: .suspending)
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(wallDeadline: .now() + .milliseconds(1)) { continuation.resume() }
        }
    }
}
