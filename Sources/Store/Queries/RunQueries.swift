/// Everything that can be asked of a store without changing it.
public protocol RunQueries: Sendable {
    /// The connection that answers.
    var source: ReadSource { get }
}
