internal import HTTPClient
public import Logging
public import Runs
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
    /// Programs that measure for runs which name them; given by the file alone.
    public var commands: [WorkerCommand] = []
    /// Where workers connect to; nil for nowhere.
    public var workerListen: WorkerAddress?
    /// File with the token of workers; nil where they need none.
    public var workerTokenFile: String?
    /// How much is logged.
    public var logLevel: Logger.Level
    /// How it is written.
    public var logFormat: LogFormat

    /// Whether it listens on TCP at all.
    var hasTCP: Bool {
        if case .tcp? = workerListen { true } else { listen != nil }
    }
}

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

/// A TCP address to listen on: an IP address and a port.
public struct ListenAddress: Sendable, Hashable {
    /// The IP address.
    public let host: String
    /// The port; 0 lets the system choose.
    public let port: Int

    /// Reads `127.0.0.1:8642` or `[::1]:8642`; nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        guard IPAddress(host) != nil else { return nil }
        self.host = host
        self.port = port
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}

/// A number of bytes as people write it: `512MiB`, `8GiB`.
public struct ByteSize: Sendable, Hashable {
    /// The bytes.
    public let bytes: Int

    /// Reads a whole number with its unit, one of KiB, MiB, GiB and TiB; nil for anything else.
    public init?(_ text: String) {
        let units = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number > 0, number < 1 << 20,
            let shift = units[String(text.dropFirst(digits.count))]
        else { return nil }
        bytes = number << shift
    }

    /// Takes a number of bytes.
    public init(bytes: Int) { self.bytes = bytes }
}
