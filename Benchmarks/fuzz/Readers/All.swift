extension Format {
    /// The formats that readers of files and of workers' pipes are fed with.
    static let all = [documents, tensors, arrays, tables, pictures, worker, latencies, network]
}
