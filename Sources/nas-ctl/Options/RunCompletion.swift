internal import API
internal import ArgumentParser

/// The runs that a shell offers where a command wants one.
enum RunCompletion {
    /// How the parser asks for them.
    static let kind = CompletionKind.custom { words, _, prefix in
        DaemonCompletion.words(words, prefix) { client throws(APIClientError) in
            names(try client.runs(limit: mostRuns).runs)
        }
    }

    private static let mostRuns = 500

    /// The names that only one run has, then the ids of all.
    static func names(_ runs: [RunItem]) -> [String] {
        let counts = Dictionary(runs.map { ($0.name, 1) }, uniquingKeysWith: +)
        return runs.map(\.name).filter { counts[$0] == 1 } + runs.map(\.id)
    }
}

/// The receivers of events that a shell offers where a command wants one.
enum WebhookCompletion {
    /// How the parser asks for them.
    static let kind = CompletionKind.custom { words, _, prefix in
        DaemonCompletion.words(words, prefix) { client throws(APIClientError) in
            try client.webhooks().webhooks.map(\.id)
        }
    }
}

/// Asks the daemon while somebody waits for a key press: quickly, and silent when it does not answer.
private enum DaemonCompletion {
    private static let patienceMilliseconds = 700

    /// The words that begin as what is written so far.
    ///
    /// - Parameter line: The command line as far as the shell has it, which may say where the daemon is.
    static func words(
        _ line: [String], _ prefix: String, _ ask: (APIClient) throws(APIClientError) -> [String]
    ) -> [String] {
        var options: [String] = []
        for (place, word) in line.enumerated() {
            for name in ["--endpoint", "--ca-file"] {
                if word == name, place + 1 < line.count { options += [name, line[place + 1]] }
                if word.hasPrefix(name + "=") { options.append(word) }
            }
        }
        guard let global = try? GlobalOptions.parse(options),
            let client = try? global.client(withinMilliseconds: patienceMilliseconds),
            let words = try? ask(client)
        else { return [] }
        // What a shell would read as more than a word is left to be typed.
        return words.filter { word in
            word.hasPrefix(prefix)
                && word.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || "._-".utf8.contains($0)
                }
        }
    }
}
