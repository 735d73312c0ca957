internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// The command line of nasd: maps every failure to the exit codes that scripts rely on.
@main
struct Nasd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nasd", abstract: "Neural architecture search daemon.", version: ProductVersion.text,
        subcommands: [
            Serve.self, New.self, Run.self, SearchAgain.self, Validate.self, List.self, Export.self, Explain.self,
            Plot.self,
            Extract.self, Deploy.self, Evaluate.self, Predict.self, Measure.self, Compare.self, Cost.self, Convert.self,
            Gap.self,
            Bench.self, Race.self, Latency.self, Backups.self, Restore.self, Verify.self, Doctor.self, Version.self,
            Schema.self, HoldWorker.self,
        ])

    static func main() {
        StandardStreams.open()
        Interruption.install()
        do {
            var command = try parseAsRoot()
            try command.run()
            try Output.finish()
        } catch let failure as Failure {
            Output.tell(failure.message)
            Foundation.exit(failure.code.rawValue)
        } catch {
            let code = exitCode(for: error)
            let arguments = Array(CommandLine.arguments.dropFirst())
            // Help about a command that there is not would be help about all.
            if code == .validationFailure || arguments.first == "help",
                let unknown = UnknownCommand(
                    in: arguments, of: "nasd",
                    commands: configuration.subcommands.map { command in
                        (command._commandName, command.configuration.subcommands.map { $0._commandName })
                    })
            {
                Output.tell("error: \(unknown)")
                Foundation.exit(ExitStatus.usage.rawValue)
            }
            let text = fullMessage(for: error)
            if code.isSuccess {
                Output.line(text)
                do throws(Failure) {
                    try Output.finish()
                } catch {
                    Output.tell(error.message)
                    Foundation.exit(error.code.rawValue)
                }
                Foundation.exit(ExitStatus.ok.rawValue)
            }
            Output.tell(text)
            Foundation.exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failure.rawValue)
        }
    }
}
