/// `GET /v1/doctor`: what of the daemon and its machine decides speed and exact results, and what is wrong.
public struct DoctorDocument: Codable, Sendable, Hashable {
    /// One line of the report.
    public struct Check: Codable, Sendable, Hashable {
        /// What is looked at, such as `disk`.
        public var name: String
        /// `ok`, `info` or `warning`.
        public var level: String
        /// What was found, and how to mend it where it is a warning.
        public var text: String

        /// Creates a line.
        public init(name: String, level: String, text: String) {
            self.name = name
            self.level = level
            self.text = text
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Doctor`.
    public var kind = "Doctor"
    /// The daemon's version.
    public var version: String
    /// The lines.
    public var checks: [Check]

    /// Creates a report.
    public init(version: String, checks: [Check]) {
        self.version = version
        self.checks = checks
    }
}
