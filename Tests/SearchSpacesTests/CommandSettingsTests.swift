import Documents
import SearchSpaces
import Testing

@testable import Runs

/// Programs that measure: what run files and configurations say of them.
@Suite struct CommandSettingsTests {
    private static func file(
        _ evaluator: String = "{kind: command, name: mine, metrics: {accuracy: maximize}}",
        commands: String? = "{mine: {argv: [python3, worker.py]}}", objective: String = "accuracy"
    ) -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: r
        space: s
        \(commands.map { "commands: \($0)" } ?? "workers: 1")
        evaluator: \(evaluator)
        search: {objectives: [{metric: \(objective)}]}
        """
    }

    private func faults(_ text: String) -> [String] {
        do throws(DocumentError) {
            _ = try RunSpecification.parse(yaml: text, file: "run.yaml")
            return []
        } catch {
            guard case .invalidFile(_, let faults) = error else { return ["\(error)"] }
            return faults.map { "\($0.keyPath): \($0.message)" }
        }
    }

    @Test func whatIsSaidIsReadAndReadsBack() throws {
        let run = try RunSpecification.parse(
            yaml: Self.file(
                "{kind: command, name: mine, slots: 2, deadline: 9.5, environment: {SEED: 3}, samples: 100, validation: [accuracy], "
                    + "test: [energy, accuracy], metrics: {accuracy: maximize, latencyMilliseconds: {}, energy: {unit: joules, goal: minimize}}}",
                commands: "{mine: {argv: [python3, -u, 7, ''], directory: /d, slots: 4, deadline: 60, "
                    + "environment: {A: 1, B: [x, 'y z']}, permit: [SEED]}, other: {argv: [true]}}"), file: "run.yaml")
        let again = try RunSpecification.parse(yaml: run.resolvedYAML, file: "stored", origin: .store)
        #expect(again == run && again.resolvedYAML == run.resolvedYAML)
        let command = try #require(try run.command(among: []))
        #expect(command.argv == ["python3", "-u", "7", ""] && command.directory == "/d")
        #expect(command.slots == 2 && command.deadline == 9.5)
        #expect(command.environment.map(\.name) == ["A", "B", "SEED"])
        #expect(command.environment.map(\.values) == [["1"], ["x", "y z"], ["3"]])
        let settings = run.evaluator.settings
        let search = try #require(settings.metrics(at: .search, among: RunMetrics.usual))
        #expect(search.map(\.name) == ["accuracy", "latencyMilliseconds", "energy"])
        #expect(search.map(\.goal) == [.maximize, .minimize, .minimize] && search[1].kind == .latency)
        #expect(search[0].range == 0...1 && search[2].unit == "joules")
        #expect(
            settings.metrics(at: .test, among: [])?.map(\.name) == ["accuracy", "energy"] && !settings.needsTraining)
    }

    /// What does not change results may change between two starts of a run.
    @Test func slotsAndDeadlinesDecideNothing() throws {
        func run(_ evaluator: String, _ commands: String) throws -> RunSpecification {
            try RunSpecification.parse(yaml: Self.file(evaluator, commands: commands), file: "run.yaml")
        }
        let one = try run("{kind: command, name: mine, metrics: {accuracy: maximize}}", "{mine: {argv: [a]}}")
        let other = try run(
            "{kind: command, name: mine, slots: 3, deadline: 5, environment: {A: 1}, metrics: {accuracy: maximize}}",
            "{mine: {argv: [b, c], slots: 9, environment: {B: 2}}}")
        #expect(one.decisiveDifferences(from: other).isEmpty && one.fingerprint == other.fingerprint)
        let more = try run(
            "{kind: command, name: mine, samples: 5, metrics: {accuracy: maximize, energy: minimize}}",
            "{mine: {argv: [a]}}")
        #expect(more.decisiveDifferences(from: one).sorted() == ["evaluator.metrics.energy.goal", "evaluator.samples"])
    }

    @Test(arguments: [
        (file(commands: "{mine: {}}"), "commands.mine.argv: expected a list"),
        (file(commands: "{mine: {connect: true}}"), "commands.mine.connect: expected argv, since only a daemon"),
        (file(commands: "{mine: {argv: [sh], trace: 1}}"), "commands.mine.trace: expected true or false"),
        (file(commands: "{mine: {argv: []}}"), "commands.mine.argv: expected at least a program"),
        (file(commands: "{mine: {argv: ['']}}"), "commands.mine.argv[0]: expected text"),
        (file(commands: "{mine: {argv: [a, [b]]}}"), "commands.mine.argv[1]: expected text, found a list"),
        (file(commands: "{mine: {argv: sh}}"), "commands.mine.argv: expected a list"),
        (file(commands: "{mine: {argv: [a], slots: 0}}"), "commands.mine.slots: expected a whole number from 1 to 256"),
        (file(commands: "{mine: {argv: [a], deadline: 0}}"), "commands.mine.deadline: expected a number from 0.1"),
        (
            file(commands: "{mine: {argv: [a], environment: {A-B: 1}}}"),
            "commands.mine.environment.A-B: expected the name of a variable"
        ),
        (
            file(commands: "{mine: {argv: [a], environment: {A: []}}}"),
            "commands.mine.environment.A: expected 1 to 256 values"
        ),
        (
            file(commands: "{mine: {argv: [a], permit: [LD_PRELOAD]}}"),
            "commands.mine.permit[0]: expected a variable that decides nothing"
        ),
        (file(commands: "{mine: {argv: [a], permit: [PYTHONPATH]}}"), "commands.mine.permit[0]: expected a variable"),
        (file(commands: "{mine: {argv: [a], shell: true}}"), "commands.mine.shell: expected one of the keys"),
        (file(commands: "{a.b: {argv: [a]}}"), "commands.a.b: expected a name of 1 to 64 letters"),
        (file(commands: "{mien: {argv: [a]}}"), "commands: expected the command 'mine' that the evaluator names"),
        (file("{kind: command, metrics: {accuracy: maximize}}"), "evaluator.name: expected the name of a command"),
        (file("{kind: command, name: mine}"), "evaluator.metrics: expected a mapping"),
        (file("{kind: command, name: mine, metrics: {}}"), "evaluator.metrics: expected at least one metric"),
        (
            file("{kind: command, name: mine, metrics: {accuracy: better}}"),
            "evaluator.metrics.accuracy: expected one of maximize, minimize"
        ),
        (
            file("{kind: command, name: mine, metrics: {accuracy: maximize}, test: [loss]}"),
            "evaluator.test[0]: expected 'accuracy'"
        ),
        (
            file("{kind: command, name: mine, metrics: {accuracy: maximize}, test: [accuracy, accuracy]}"),
            "expected each metric once"
        ),
        (
            file("{kind: command, name: mine, metrics: {accuracy: maximize}}", objective: "energy"),
            "search.objectives[0].metric: expected"
        ),
        (
            file("{kind: command, name: mine, metrics: {accuracy: maximize}}\ntrain: {steps: 3}"),
            "train: expected no training"
        ),
        (
            file("{kind: table, file: a.csv, key: {columns: {a: b}}, metrics: {accuracy: c}}"),
            "commands: expected no commands"
        ),
    ]) func faultsAreTold(text: String, expected: String) {
        let found = faults(text)
        #expect(found.contains { $0.contains(expected) }, "\(expected): \(found)")
    }

    @Test func aSubmissionHasNoCommands() throws {
        let error = #expect(throws: DocumentError.self) {
            try RunSubmission.parse(yaml: Self.file(), file: "document")
        }
        #expect(
            "\(try #require(error))".contains("commands: expected no commands, since a daemon starts those of its own"))
        #expect(
            try RunSubmission.parse(yaml: Self.file(commands: nil), file: "document").specification.commands.isEmpty)
    }

    /// What a submission may ask of a daemon's command.
    @Test func aRunAsksForLessThanThereIs() throws {
        let commands = try WorkerCommand.all(
            ofConfiguration: "workers: 2\ncommands: {mine: {argv: [a], slots: 2, deadline: 10, permit: [SEED]}}",
            file: "c")
        func error(_ more: String, name: String = "mine") throws -> String? {
            let run = try RunSpecification.parse(
                yaml: Self.file("{kind: command, name: \(name), metrics: {accuracy: maximize}\(more)}", commands: nil),
                file: "r")
            do throws(RunError) {
                try run.checkCommand(among: commands, isOwner: false)
                return nil
            } catch { return "\(error)" }
        }
        for fine in ["", ", slots: 2, deadline: 10", ", slots: 1, environment: {SEED: 4}"] {
            #expect(try error(fine) == nil)
        }
        #expect(try error(", slots: 3")?.hasPrefix("evaluator.slots: the command 'mine' has 2, found 3") == true)
        #expect(
            try error(", deadline: 11")?.hasPrefix("evaluator.deadline: the command 'mine' gives 10 seconds") == true)
        #expect(try error(", environment: {OTHER: 1}")?.hasPrefix("evaluator.environment.OTHER: ") == true)
        #expect(try error(", environment: {LD_PRELOAD: x}")?.hasPrefix("evaluator.environment.LD_PRELOAD: ") == true)
        #expect(try error("", name: "mien")?.contains("no command 'mien'; did you mean 'mine'?") == true)
        let faulty = #expect(throws: DocumentError.self) {
            try WorkerCommand.all(ofConfiguration: "commands: {a: {argv: 3}, b: {}}", file: "c")
        }
        guard case .invalidFile(_, let faults)? = faulty else { return }
        #expect(faults.count == 2)
    }
}
