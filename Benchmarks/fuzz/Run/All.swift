extension Format {
    /// The formats of a run: what workers, checkpoints, latencies and exports say.
    static let all = [checkpoints, worker, latencies, network]
}
