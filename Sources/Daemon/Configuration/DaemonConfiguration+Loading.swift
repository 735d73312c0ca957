internal import Configuration
internal import Coordinator
internal import Documents
internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store

extension DaemonConfiguration {
    /// Loads a configuration: a flag outdoes the environment, which outdoes the file, which outdoes a default.
    ///
    /// - Parameters:
    ///   - file: The YAML file; nil for none.
    ///   - flags: Values of the command line, by key path.
    ///   - environment: The process's environment.
    /// - Throws: ``ConfigurationError`` with every fault of all three.
    public static func load(
        file: String?, flags: [String: String], environment: [String: String]
    ) async throws -> DaemonConfiguration {
        var faults: [ConfigurationError.Fault] = []
        let (outline, commands) = try file.map { try Self.contents(ofFile: $0) } ?? (nil, [])
        if let file, let outline { faults += Self.faults(of: outline, file) }
        for key in ConfigurationKey.all {
            if let text = environment[key.environmentName], let message = key.fault(of: text) {
                faults.append(.init(place: key.environmentName, key: key.path, message: message))
            }
            if let text = flags[key.path], let message = key.fault(of: text) {
                faults.append(.init(place: "--set \(key.path)", key: key.path, message: message))
            }
        }
        // What follows reads with defaults, so nothing wrong may be left.
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: flagsAsVariables(flags)).prefixKeys(with: "nasd"),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "nasd"),
        ]
        if let outline { providers.append(InMemoryProvider(name: file, values: values(of: outline))) }
        var configuration = try resolve(ConfigReader(providers: providers), environment, &faults)
        let folder = StandardPlaces(environment).absolute(".")
        configuration.commands = commands.map { $0.started(in: folder) }
        if let waiting = commands.first(where: \.connects), configuration.workerListen == nil,
            !faults.contains(where: { $0.key == "workerListen" })
        {
            faults.append(
                .init(
                    place: "configuration", key: "workerListen",
                    message: "expected a path or an address, since the workers of commands.\(waiting.name) connect"))
        }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        return configuration
    }

    private static func flagsAsVariables(_ flags: [String: String]) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: ConfigurationKey.all.compactMap { key in
                flags[key.path].map { (key.environmentName, $0) }
            })
    }

    /// The values of a file, and the commands in it, whose keys hang on their names.
    private static func contents(ofFile file: String) throws -> (FileOutline?, [WorkerCommand]) {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ConfigurationError([
                .init(place: file, key: "--config", message: "expected a readable file, found none")
            ])
        }
        do throws(DocumentError) {
            let text = try DocumentText.decode(data, file: file)
            let outline = try FileOutline(yaml: text, file: file)
            let hasCommands = outline.entries.contains { isOfCommands($0.path) }
            return (outline, hasCommands ? try WorkerCommand.all(ofConfiguration: text, file: file) : [])
        } catch {
            switch error {
            case .invalidFile(_, let faults):
                throw ConfigurationError(
                    faults.map {
                        .init(
                            place: "\(file):\($0.line):\($0.column)", key: $0.keyPath, message: $0.message,
                            hint: $0.hint)
                    })
            case .unreadableFile(_, let reason):
                throw ConfigurationError([.init(place: file, key: "--config", message: reason)])
            }
        }
    }

    private static func isOfCommands(_ path: String) -> Bool { path == "commands" || path.hasPrefix("commands.") }

    /// The values of a file whose keys and types are right, as a reader takes them.
    private static func values(of outline: FileOutline) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for entry in outline.entries where !isOfCommands(entry.path) {
            let key = AbsoluteConfigKey(entry.path.split(separator: ".").map(String.init))
            if let items = entry.items {
                values[key] = ConfigValue(.stringArray(items), isSecret: false)
            } else if let text = entry.text {
                let isNumber = ConfigurationKey.all.first { $0.path == entry.path }?.isNumber ?? false
                let number = isNumber ? Int(text) : nil
                values[key] = ConfigValue(number.map { .int($0) } ?? .string(text), isSecret: false)
            }
        }
        return values
    }

    /// Unknown keys and values of the wrong type, which a reader with defaults would pass over in silence.
    private static func faults(of outline: FileOutline, _ file: String) -> [ConfigurationError.Fault] {
        let known = ConfigurationKey.all.map(\.path)
        return outline.entries.compactMap { entry in
            let place = "\(file):\(entry.line):\(entry.column)"
            if isOfCommands(entry.path) { return nil }
            guard let key = ConfigurationKey.all.first(where: { $0.path == entry.path }) else {
                return .init(
                    place: place, key: entry.path, message: "expected a key of the configuration, found another",
                    hint: Spelling.nearest(to: entry.path, among: known).map { "did you mean '\($0)'?" }
                        ?? "the keys are \(known.joined(separator: ", ")), commands")
            }
            return fault(of: entry, key).map { .init(place: place, key: key.path, message: $0) }
        }
    }

    private static func fault(of entry: FileOutline.Entry, _ key: ConfigurationKey) -> String? {
        if case .list = key.kind {
            return entry.items.map(key.fault) ?? "expected \(key.expectation), found another value"
        }
        guard let text = entry.text else { return "expected \(key.expectation), found a list" }
        if case .text = key.kind, entry.isPlain, Double(text) != nil || ["true", "false", "null", "~"].contains(text) {
            return "expected \(key.expectation), found '\(text)'"
        }
        switch key.kind {
        case .count, .countOrAuto:
            // A number in quotes is text, which a reader of numbers passes over.
            if !entry.isPlain, Int(text) != nil {
                return "expected \(key.expectation) without quotes, found '\(text)' in quotes"
            }
        default: break
        }
        return key.fault(of: text)
    }

    private static func resolve(
        _ reader: ConfigReader, _ environment: [String: String], _ faults: inout [ConfigurationError.Fault]
    ) throws -> DaemonConfiguration {
        func text(_ key: String) -> String? { reader.string(forKey: ConfigKey(key)) }
        let places = StandardPlaces(environment)
        func path(_ key: String) -> String? { text(key).map(places.absolute) }
        func refuse(_ key: String, _ message: String, _ hint: String? = nil) {
            faults.append(.init(place: "configuration", key: key, message: message, hint: hint))
        }
        func refuseLong(_ path: String, _ key: String) {
            guard path.utf8.count > 107 else { return }
            refuse(key, "expected a path of at most 107 bytes, found \(path.utf8.count)", "choose a shorter folder")
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        // `auto` and a number are of different types in YAML.
        let workers = reader.int(forKey: "workers") ?? cores
        let socket = path("socket") ?? places.socket
        if socket == nil {
            refuse("socket", "expected a path, found neither $RUNTIME_DIRECTORY nor $XDG_RUNTIME_DIR", "set socket")
        } else if let socket {
            refuseLong(socket, "socket")
        }
        var listen: ListenAddress?
        if let address = text("listen") {
            listen = ListenAddress(address)
            if listen == nil { refuse("listen", "expected an address such as 127.0.0.1:8642, found '\(address)'") }
        }
        let hosts = (reader.stringArray(forKey: "hosts") ?? []).map { $0.lowercased() }
        for host in hosts where PeerRule.host(ofAuthority: host) != host {
            refuse("hosts", "expected a host name without scheme and port, found '\(host.prefix(80))'")
        }
        var tls: TLS?
        switch (path("tls.certificateFile"), path("tls.keyFile")) {
        case (let certificate?, let key?): tls = TLS(certificateFile: certificate, keyFile: key)
        case (nil, nil): break
        default: refuse("tls", "expected both certificateFile and keyFile, found one of them")
        }
        func refuseOpen(_ address: ListenAddress, _ key: String) {
            guard !address.isLoopback, tls == nil else { return }
            refuse(
                key, "expected a loopback address, found \(address.host) without TLS",
                "set tls.certificateFile and tls.keyFile")
        }
        let tokenFile = path("tokenFile")
        if let listen {
            if tokenFile == nil {
                refuse("tokenFile", "expected a file, since listen is set", "see Documentation/configuration.md")
            }
            refuseOpen(listen, "listen")
        }
        let workerTokenFile = path("workerTokenFile")
        var workerListen: WorkerAddress?
        if let place = text("workerListen") {
            if place.contains("/") {
                workerListen = .socket(places.absolute(place))
            } else {
                workerListen = ListenAddress(place).map { .tcp($0) }
            }
            switch workerListen {
            case nil: refuse("workerListen", "expected a path, or an address such as 127.0.0.1:8643, found '\(place)'")
            case .socket(let path)?:
                refuseLong(path, "workerListen")
                if path == socket { refuse("workerListen", "expected another path than that of socket") }
            case .tcp(let address)?:
                if workerTokenFile == nil {
                    refuse("workerTokenFile", "expected a file, since workerListen is an address")
                }
                refuseOpen(address, "workerListen")
            }
        }
        var webhook: WebhookEndpointDraft?
        let secretDirectory = path("webhook.secretDirectory")
        let events = reader.stringArray(forKey: "webhook.events") ?? ["*"]
        if let url = text("webhook.url") {
            let settings = WebhookSettings.faults(url: url, secret: text("webhook.secret"), events: events)
            for (key, message) in settings { refuse("webhook.\(key)", message) }
            if secretDirectory == nil {
                refuse("webhook.secretDirectory", "expected a folder, since webhook.url is set")
            }
            webhook = WebhookEndpointDraft(url: url, secret: text("webhook.secret") ?? "", events: events)
        }
        if webhook == nil {
            for (key, message) in WebhookSettings.faults(url: "https://", secret: "", events: events) {
                refuse("webhook.\(key)", message)
            }
        }
        return DaemonConfiguration(
            dataDirectory: path("dataDirectory") ?? places.dataDirectory, socket: socket ?? "",
            socketGroup: text("socketGroup"), listen: listen, hosts: hosts, tokenFile: tokenFile, tls: tls,
            dataRoots: (reader.stringArray(forKey: "dataRoots") ?? []).map(places.absolute),
            spaceDirectories: (reader.stringArray(forKey: "spaceDirectories") ?? []).map(places.absolute),
            workers: workers,
            concurrentRuns: reader.int(forKey: "concurrentRuns") ?? 1,
            memoryLimit: text("memoryLimit").flatMap { ByteSize($0) }
                ?? ByteSize(bytes: MachineMemory.bytes / 10 * 8),
            diskLow: text("diskLow").flatMap { ByteSize($0) } ?? ByteSize(bytes: 1 << 30), webhook: webhook,
            webhookSecretDirectory: secretDirectory, webhookAllow: reader.stringArray(forKey: "webhook.allow") ?? [],
            workerListen: workerListen, workerTokenFile: workerTokenFile,
            logLevel: text("log.level").flatMap { Logger.Level(rawValue: $0) } ?? .info,
            logFormat: text("log.format").flatMap { LogFormat(rawValue: $0) } ?? .text)
    }
}
