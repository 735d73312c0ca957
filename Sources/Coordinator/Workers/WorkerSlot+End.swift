/// How a slot ends with its pool.
extension WorkerSlot {
    /// Has the worker end by itself.
    func sayGoodbye() {
        guard let worker else { return }
        worker.send(WorkerMessage.bye)
        worker.closeInput()
    }

    /// Whether the worker has ended, or somebody has to end it.
    var hasEnded: Bool {
        guard let worker else { return true }
        drain()
        _ = worker.readOutput()
        return worker.isGone || worker.readEnd() != nil
    }

    /// Ends the process and all that came of it; whether that is done.
    func end() -> Bool {
        guard let worker else { return true }
        worker.end()
        drain()
        _ = worker.readOutput()
        guard worker.isGone else { return false }
        self.worker = nil
        return true
    }

    /// Ends all of it at once.
    func kill() {
        worker?.kill()
        worker = nil
    }
}
