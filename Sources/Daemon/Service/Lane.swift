internal import CSystemCalls
internal import NIOPosix

/// Threads for what blocks, one lane for each kind of work, so that nobody waits for work of another kind: an export of a
/// million candidates keeps no status waiting, and a large document no export.
final class Lane: Sendable {
    private let threads: NIOThreadPool
    private let isPatient: Bool

    /// Starts a lane.
    ///
    /// - Parameter isPatient: Whether its work takes long and gives way to everything else that wants a processor.
    init(threads count: Int, isPatient: Bool = false) {
        threads = NIOThreadPool(numberOfThreads: count)
        self.isPatient = isPatient
        threads.start()
    }

    /// Runs a body on one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isPatient = isPatient
        return try await threads.runIfActive {
            if isPatient { nasd_give_way() }
            return try body()
        }
    }

    /// Ends the threads once their work is done.
    func stop() async { try? await threads.shutdownGracefully() }
}
