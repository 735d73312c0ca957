import ArgumentParser
import Foundation
import Testing

@testable import nas_ctl

@Suite struct HelpTests {
    /// The verbs of the contract.
    static let verbs = [
        "submit", "search", "validate", "list", "status", "wait", "watch", "pause", "resume", "cancel", "delete", "set",
        "candidates", "front", "best", "explain", "curve", "training", "sampler", "export", "model", "logs", "events",
        "dashboard", "webhooks", "doctor", "completion", "version",
    ]

    private static let commands: [any ParsableCommand.Type] =
        NasCtl.configuration.subcommands + Webhooks.configuration.subcommands

    @Test func everyVerbOfTheContractIsThere() {
        let names = NasCtl.configuration.subcommands.map { $0._commandName }
        #expect(Set(names) == Set(Self.verbs) && names.count == Self.verbs.count)
        #expect(Webhooks.configuration.subcommands.map { $0._commandName } == ["list", "replay", "test"])
    }

    @Test func everyVerbExplainsItselfWithAnExample() {
        for command in Self.commands {
            let name = command._commandName
            #expect(!command.configuration.abstract.isEmpty, "\(name)")
            #expect(command.configuration.discussion.contains("Example: nas-ctl "), "\(name)")
            let help = NasCtl.helpMessage(for: command, columns: 80)
            #expect(help.contains("USAGE: ") && help.contains(command.configuration.abstract.prefix(30)), "\(name)")
        }
    }

    /// The examples parse.
    @Test func theExamplesAreCommandLines() throws {
        for command in Self.commands {
            let line = try #require(
                command.configuration.discussion.split(separator: "\n").last { $0.hasPrefix("Example: nas-ctl ") })
            let words = line.dropFirst("Example: nas-ctl ".count).split(separator: " ")
                .prefix { $0 != ">" }.map { String($0.replacing("'", with: "")) }
            // A command within a command stands for what it prints.
            let arguments = line.contains("$(") ? Array(words.prefix(2)) + ["812"] : words
            #expect(throws: Never.self, "\(line)") { try NasCtl.read(arguments) }
        }
    }

    @Test(arguments: Completion.Shell.allCases) func completionsKnowEveryVerb(shell: Completion.Shell) {
        let script = NasCtl.completionScript(for: shell.completionShell)
        for verb in Self.verbs { #expect(script.contains(verb)) }
    }
}
