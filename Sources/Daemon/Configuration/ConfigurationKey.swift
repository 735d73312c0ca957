/// A key of the daemon's configuration: in the file `webhook.url`, in the environment `NASD_WEBHOOK_URL`, as a flag
/// `--set webhook.url=…`.
public struct ConfigurationKey: Sendable {
    /// What a value must be.
    enum Kind: Sendable {
        /// Text that is not empty.
        case text(String)
        /// A whole number.
        case count(ClosedRange<Int>)
        /// A whole number or `auto`.
        case countOrAuto(ClosedRange<Int>)
        /// A number of bytes with its unit.
        case size
        /// One of some words.
        case word([String])
        /// A list of texts; in the environment and as a flag separated by commas.
        case list(String)
    }

    /// The key path.
    public let path: String
    /// What it does, in a sentence.
    public let summary: String
    let kind: Kind

    /// Every key, in the order of the documentation.
    public static let all: [ConfigurationKey] = [
        .init("dataDirectory", .text("a folder"), "Folder of the database and of every run's files."),
        .init("socket", .text("a path"), "Unix socket of the API."),
        .init("socketGroup", .text("the name of a group"), "Group that may use the socket."),
        .init("listen", .text("an address such as 127.0.0.1:8642"), "TCP address of the API; needs tokenFile."),
        .init(
            "hosts", .list("a list of host names"),
            "Names that clients may reach the daemon by, besides localhost and its own address."),
        .init("tokenFile", .text("a file"), "File with the token that TCP clients send."),
        .init("tls.certificateFile", .text("a file"), "PEM file of the certificate chain."),
        .init("tls.keyFile", .text("a file"), "PEM file of the private key."),
        .init("dataRoots", .list("a list of folders"), "Folders that submitted runs may read data from."),
        .init("spaceDirectories", .list("a list of folders"), "Folders in which spaces are looked up by name."),
        .init("workers", .countOrAuto(1...1024), "Worker threads of all runs together."),
        .init("concurrentRuns", .count(1...64), "Runs that compute at a time, which divide the workers."),
        .init("memoryLimit", .size, "Memory that all runs together may take by their estimates."),
        .init("diskLow", .size, "Free space below which runs wait."),
        .init("webhook.url", .text("an address"), "Where every run's events are announced."),
        .init("webhook.secret", .text("the name of a file"), "Name of the secret's file in webhook.secretDirectory."),
        .init("webhook.secretDirectory", .text("a folder"), "Folder of secret files."),
        .init("webhook.events", .list("a list of event types"), "Event types or patterns such as run.*."),
        .init(
            "webhook.allow", .list("a list of hosts and networks"),
            "Hosts and networks that webhooks may reach besides public ones."),
        .init(
            "workerListen", .text("a path, or an address such as 127.0.0.1:8643"),
            "Unix socket or TCP address for workers that connect; TCP needs workerTokenFile."),
        .init("workerTokenFile", .text("a file"), "File with the token that workers send."),
        .init(
            "log.level", .word(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            "How much is logged."),
        .init("log.format", .word(["text", "json"]), "How it is written."),
    ]

    private init(_ path: String, _ kind: Kind, _ summary: String) {
        self.path = path
        self.kind = kind
        self.summary = summary
    }

    /// The name of the environment variable.
    public var environmentName: String { "NASD_" + Self.words(path).joined(separator: "_").uppercased() }

    /// What is wrong with a value; nil when nothing is.
    func fault(of text: String) -> String? {
        // The system would take what stands before it.
        if text.utf8.contains(0) { return "expected \(expectation), found a NUL in it" }
        if case .list = kind {
            return fault(of: text.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
        }
        let isRight =
            switch kind {
            case .text, .list: !Self.isBlank(text)
            case .count(let range): Int(text).map(range.contains) ?? false
            case .countOrAuto(let range): text == "auto" || (Int(text).map(range.contains) ?? false)
            case .size: ByteSize(text) != nil
            case .word(let words): words.contains(text)
            }
        return isRight ? nil : "expected \(expectation), found '\(text.prefix(80))'"
    }

    /// What is wrong with the items of a list; nil when nothing is.
    ///
    /// An empty folder would be the one that the daemon was started in.
    func fault(of items: [String]) -> String? {
        if items.contains(where: { $0.utf8.contains(0) }) { return "expected \(expectation), found a NUL in it" }
        guard let place = items.firstIndex(where: Self.isBlank) else { return nil }
        return items.count == 1
            ? "expected \(expectation), found ''"
            : "expected \(expectation), found an empty item after \(place) other\(place == 1 ? "" : "s"); "
                + "check for a comma too many"
    }

    /// Whether a value is a number for its reader.
    var isNumber: Bool {
        switch kind {
        case .count, .countOrAuto: true
        case .text, .size, .word, .list: false
        }
    }

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    var expectation: String {
        switch kind {
        case .text(let text), .list(let text): text
        case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .countOrAuto(let range): "auto or a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .size: "a size such as 512MiB or 8GiB"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        }
    }

    /// The words of a key path: at every dot and before every capital.
    private static func words(_ path: String) -> [String] {
        var words: [String] = []
        for part in path.split(separator: ".") {
            var word = ""
            for character in part {
                if character.isUppercase {
                    words.append(word)
                    word = ""
                }
                word.append(character)
            }
            words.append(word)
        }
        return words
    }
}
