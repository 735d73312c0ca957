public import Logging
public import Store

/// Everything that a daemon is told before it starts, every default filled.
public struct DaemonConfiguration: Sendable {
    /// How log lines are written.
    public enum LogFormat: String, Sendable, CaseIterable {
        /// For people.
        case text
        /// One JSON object a line.
        case json
    }

    /// The certificate and key of TCP.
    public struct TLS: Sendable, Hashable {
        /// PEM file of the certificate chain.
        public var certificateFile: String
        /// PEM file of the private key.
        public var keyFile: String
    }

    /// Folder of the database and of every run's files.
    public var dataDirectory: String
    /// Unix socket of the API.
    public var socket: String
    /// Group that may use the socket; nil for the process's own.
    public var socketGroup: String?
    /// TCP address of the API; nil for none.
    public var listen: ListenAddress?
    /// Names that clients may reach the daemon by, in lower case, besides localhost and its own address.
    public var hosts: [String] = []
    /// File with the token of TCP clients.
    public var tokenFile: String?
    /// TLS on TCP; nil for none.
    public var tls: TLS?
    /// Folders that submitted runs may read data from.
    public var dataRoots: [String]
    /// Folders in which spaces are looked up by name.
    public var spaceDirectories: [String]
    /// Worker threads of all runs together.
    public var workers: Int
    /// Runs that compute at a time.
    public var concurrentRuns: Int
    /// Memory that all runs together may take.
    public var memoryLimit: ByteSize
    /// Free space below which runs wait.
    public var diskLow: ByteSize
    /// Where every run's events are announced; nil for nowhere.
    public var webhook: WebhookEndpointDraft?
    /// Folder of secret files; nil when no webhook can be signed.
    public var webhookSecretDirectory: String?
    /// Hosts and networks that webhooks may reach besides public ones.
    public var webhookAllow: [String]
    /// How much is logged.
    public var logLevel: Logger.Level
    /// How it is written.
    public var logFormat: LogFormat
}
