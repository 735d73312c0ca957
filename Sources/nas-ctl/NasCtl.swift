internal import API
internal import ArgumentParser
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// The command line of nas-ctl: maps every failure to the exit codes that scripts rely on.
@main
struct NasCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nas-ctl", abstract: "Control a running nasd.",
        discussion: """
            Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 failure, 2 usage or \
            invalid file, 3 not found, 4 daemon unreachable, 5 conflict, 6 not permitted, 7 the run ended failed or \
            cancelled, 124 wait timed out, 130 and 143 stopped by a signal.

            Environment: NAS_CTL_ENDPOINT is the daemon's address, NAS_CTL_TOKEN_FILE the file of its token, NO_COLOR leaves \
            out colours.

            Example: nas-ctl submit SearchSpaces/runs/mnist-vit.yaml --watch
            """,
        version: ProductVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Runs", subcommands: [Submit.self, SearchAgain.self, Validate.self, List.self, Status.self]),
            CommandGroup(name: "Waiting", subcommands: [Wait.self, Watch.self, Events.self, Logs.self]),
            CommandGroup(
                name: "Steering",
                subcommands: [Pause.self, Resume.self, Cancel.self, Delete.self, Change.self]),
            CommandGroup(
                name: "Results",
                subcommands: [
                    Candidates.self, Front.self, Best.self, Explain.self, Curve.self, Training.self, Sampler.self,
                    Export.self, Model.self,
                ]),
            CommandGroup(
                name: "Daemon",
                subcommands: [Dashboard.self, Webhooks.self, Doctor.self, Version.self, Completion.self]),
        ])

    // Taken here too, so that they may stand before the name of a command.
    @OptionGroup var global: GlobalOptions

    /// The command that arguments mean.
    ///
    /// - Throws: `Failure` for a word in place of a command that names none, or what the parser throws.
    static func read(_ arguments: [String]) throws -> any ParsableCommand {
        // Help about a command that there is not would be help about all.
        if arguments.first == "help", let unknown = unknownCommand(in: arguments) { throw unknown }
        do {
            return try parse(arguments)
        } catch {
            guard exitCode(for: error) == .validationFailure, let unknown = unknownCommand(in: arguments) else {
                throw error
            }
            throw unknown
        }
    }

    private static func unknownCommand(in arguments: [String]) -> Failure? {
        UnknownCommand(
            in: arguments, of: "nas-ctl",
            commands: configuration.subcommands.map {
                ($0._commandName, $0.configuration.subcommands.map { $0._commandName })
            }, valueOptions: ["--endpoint", "--ca-file", "-o", "-qo"]
        ).map { .usage("\($0)") }
    }

    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        // What a shell asks when it completes a command line has its words in their places.
        if arguments.first?.hasPrefix("---") == true { return try parseAsRoot(arguments) }
        // A value that begins with a dash would be read as options: --sort -loss as -l -o -s -s.
        var joined: [String] = []
        var rest = arguments[...]
        while let first = rest.popFirst() {
            if ["--sort", "--priority"].contains(first), let value = rest.popFirst() {
                joined.append("\(first)=\(value)")
            } else {
                joined.append(first)
            }
        }
        return try parseAsRoot(joined)
    }

    static func main() {
        StandardStreams.open()
        Interruption.install()
        do {
            var command = try read(Array(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch let failure as Failure {
            Console.tell(failure.message)
            Foundation.exit(failure.code.rawValue)
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code.isSuccess {
                let console = Console()
                do {
                    try console.write(text + "\n")
                    try console.flush()
                } catch {
                    Console.tell(error.message)
                    Foundation.exit(error.code.rawValue)
                }
                Foundation.exit(ExitStatus.ok.rawValue)
            }
            Console.tell(text)
            Foundation.exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failure.rawValue)
        }
    }
}
