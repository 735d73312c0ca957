extension Format {
    /// The formats of documents, networks and data.
    static let all = [documents, tensors, arrays, tables, pictures]
}
