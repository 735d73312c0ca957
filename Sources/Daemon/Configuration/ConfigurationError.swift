/// What is wrong with the daemon's configuration: every fault at once, with its place, key and a hint.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One fault.
    public struct Fault: Sendable, Hashable {
        /// The file with line and column, the environment variable or the flag.
        public var place: String
        /// The key path.
        public var key: String
        /// What was expected and what was found.
        public var message: String
        /// A suggestion.
        public var hint: String?

        /// Creates a fault.
        public init(place: String, key: String, message: String, hint: String? = nil) {
            self.place = place
            self.key = key
            self.message = message
            self.hint = hint
        }
    }

    /// The faults.
    public var faults: [Fault]

    /// Creates an error.
    public init(_ faults: [Fault]) { self.faults = faults }

    /// One line for each fault.
    public var description: String {
        faults.map { "\($0.place): \($0.key): \($0.message)\($0.hint.map { "; hint: \($0)" } ?? "")" }
            .joined(separator: "\n")
    }
}
