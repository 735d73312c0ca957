internal import ArgumentParser
internal import CSystemCalls
internal import Daemon
internal import Foundation
internal import Synchronization

/// `nasd serve`: the daemon.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the API and compute runs until told to stop.",
        discussion: """
            Every key of the configuration can stand in the file (webhook.url), in the environment (NASD_WEBHOOK_URL) or \
            on the command line (--set webhook.url=…), the last of these first. Documentation/configuration.md lists them. \
            SIGTERM and SIGINT stop it cleanly, each run with a checkpoint; a new start goes on.
            """)

    @Option(help: "A YAML file of configuration.", transform: PathText.checked)
    var config: String?
    @Option(help: "Folder of the database and of every run's files.")
    var dataDirectory: String?
    @Option(help: "Unix socket of the API.")
    var socket: String?
    @Option(help: "TCP address of the API, such as 127.0.0.1:8642; needs tokenFile.")
    var listen: String?
    @Option(help: "File with the token that TCP clients send.")
    var tokenFile: String?
    @Option(help: "Worker threads of all runs together; default one for each core.")
    var workers: String?
    @Option(name: .customLong("set"), help: "key=value: any key of the configuration; lists with commas.")
    var settings: [String] = []

    func run() throws {
        // The main thread waits, and is the one that signals from outside come to.
        nasd_take_faults()
        // Only one thread looks at the environment yet.
        let manager = ServiceManager.taken()
        // They mean something once the daemon runs, and must not end it before.
        for code in [SIGHUP, SIGUSR1, SIGUSR2] { signal(code, SIG_IGN) }
        // Once its processor time is over it stops as it does when it is told to, while there is some left.
        signal(SIGXCPU) { _ in _ = kill(getpid(), SIGTERM) }
        try Failure.catching {
            try DescriptorLimit.check(DescriptorLimit.ofDaemon)
            let flags = try flags()
            let file = config
            try Self.waiting {
                let load: @Sendable () async throws -> DaemonConfiguration = {
                    try await DaemonConfiguration.load(
                        file: file, flags: flags, environment: ProcessInfo.processInfo.environment)
                }
                try await DescriptorLimit.openTimers()
                try await NasdDaemon.run(try await load(), manager: manager, reloading: load)
            }
        }
    }

    /// The values of the command line, by key path.
    private func flags() throws -> [String: String] {
        var flags: [String: String] = [:]
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, ConfigurationKey.all.contains(where: { $0.path == parts[0] }) else {
                throw ConfigurationError([
                    .init(
                        place: "--set", key: parts[0], message: "expected key=value with a key of the configuration",
                        hint: "the keys are \(ConfigurationKey.all.map(\.path).joined(separator: ", "))")
                ])
            }
            flags[parts[0]] = parts[1]
        }
        let named = [
            "dataDirectory": dataDirectory, "socket": socket, "listen": listen, "tokenFile": tokenFile,
            "workers": workers,
        ]
        return flags.merging(named.compactMapValues { $0 }) { $1 }
    }

    /// Runs a task to its end while this thread, which is none of the pool's, waits.
    private static func waiting(_ body: @escaping @Sendable () async throws -> Void) throws {
        let end = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Void, any Error>>(.success(()))
        Task {
            do {
                try await body()
            } catch {
                outcome.withLock { $0 = .failure(error) }
            }
            end.signal()
        }
        end.wait()
        try outcome.withLock { $0 }.get()
    }
}
