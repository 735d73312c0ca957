import TestSupport

/// What is killed: a run in the foreground, or one under a daemon.
protocol KillVictim {
    /// The run's files; its output is the data directory.
    var scene: SmallRun { get }
    /// The moments that kills are aimed at, in turn, before those while finalists are measured.
    var targets: [Killer.Target] { get }

    /// Starts it, or starts it again.
    func start(workers: Int) throws -> Program

    /// Lets the run complete.
    func finish(workers: Int) throws
}
