internal import Documents

/// What a run asks of a command: its name, and less than the command gives, where it says so.
public struct CommandUse: Sendable, Hashable {
    /// The name among the run file's or the daemon's commands.
    public let name: String
    /// Processes at most; nil for as many as the command has.
    public let slots: Int?
    /// Seconds that one request may take; nil for as many as the command gives.
    public let deadline: Double?
    /// Variables beside those of the command.
    public let environment: [WorkerCommand.Variable]

    /// Reads the keys of a section that names a command.
    init(_ reader: SectionReader) {
        reader.describe([
            "name": "the name of a command",
            "slots": "processes at most; by default the command's",
            "deadline": "seconds that one request may take; by default the command's",
            "environment": "variables beside those of the command, by name",
            "environment.*": "a value, or a list of one for each slot in turn",
        ])
        name = reader.text("name", expected: "the name of a command")
        slots = reader.optional("slots") { reader.integer("slots", in: 1...WorkerCommand.mostSlots) }
        deadline = reader.optional("deadline") {
            reader.number("deadline", in: WorkerCommand.deadlines, isComputed: false)
        }
        environment = WorkerCommand.Variable.all(reader.section("environment"))
    }

    /// The keys with their values in YAML.
    var resolvedKeys: [(key: String, value: String)] {
        var keys = [("name", ResolvedEntries.quoted(name))]
        if let slots { keys.append(("slots", String(slots))) }
        if let deadline { keys.append(("deadline", ShortNumber.text(deadline))) }
        for variable in environment {
            keys.append(("environment.\(variable.name)", ResolvedEntries.list(variable.values)))
        }
        return keys
    }

    /// Keys that results do not depend on.
    static let indecisiveKeys = ["slots", "deadline", "environment"]

    /// The command that is meant, within what the run asks of it.
    ///
    /// - Parameters:
    ///   - commands: Those that there are.
    ///   - isOwner: Whether whoever wrote the run has written the commands too, and may set any variable.
    /// - Throws: `RunError.unfitSetting`.
    public func command(among commands: [WorkerCommand], isOwner: Bool) throws(RunError) -> WorkerCommand {
        let place = isOwner ? "the run file" : "the daemon's configuration"
        guard let command = commands.first(where: { $0.name == name }) else {
            let near = Spelling.nearest(to: name, among: commands.map(\.name)).map { "did you mean '\($0)'? " } ?? ""
            throw .unfitSetting(
                key: "evaluator.name", reason: "\(place) has no command '\(name.prefix(80))'",
                remedy: near
                    + (commands.isEmpty
                        ? "add it below commands, with its argv"
                        : "there are \(commands.map(\.name).joined(separator: ", "))"))
        }
        guard !isOwner else { return command.limited(slots: slots, deadline: deadline, environment: environment) }
        if let slots, slots > command.slots {
            throw .unfitSetting(
                key: "evaluator.slots", reason: "the command '\(name)' has \(command.slots), found \(slots)",
                remedy: "ask for at most \(command.slots), or have the daemon's configuration give more")
        }
        if let deadline, deadline > command.deadline {
            throw .unfitSetting(
                key: "evaluator.deadline",
                reason:
                    "the command '\(name)' gives \(ShortNumber.text(command.deadline)) seconds, found \(ShortNumber.text(deadline))",
                remedy: "ask for at most that, or have the daemon's configuration give more")
        }
        for variable in environment
        where !command.permit.contains(variable.name) || WorkerCommand.refusal(of: variable.name) != nil {
            throw .unfitSetting(
                key: "evaluator.environment.\(variable.name)",
                reason: "the command '\(name)' permits no run to set it",
                remedy: "take it out, or have the daemon's configuration list it below commands.\(name).permit")
        }
        return command.limited(slots: slots, deadline: deadline, environment: environment)
    }
}

extension RunSpecification {
    /// Checks that the command which measures, if any, is one of those that there are, and gives what the run asks.
    ///
    /// - Parameter commands: Those of the daemon; the run's own come first where it has any.
    /// - Throws: `RunError.unfitSetting`.
    public func checkCommand(among commands: [WorkerCommand] = [], isOwner: Bool) throws(RunError) {
        _ = try command(among: commands, isOwner: isOwner)
    }

    /// The command that measures; nil where none does.
    ///
    /// - Throws: `RunError.unfitSetting`.
    public func command(among others: [WorkerCommand], isOwner: Bool = false) throws(RunError) -> WorkerCommand? {
        guard let use = evaluator.settings.command else { return nil }
        let command =
            commands.isEmpty
            ? try use.command(among: others, isOwner: isOwner) : try use.command(among: commands, isOwner: true)
        if command.connects, command.states == nil, workerTraining != nil {
            throw .unfitSetting(
                key: "train.worker",
                reason:
                    "the workers of the command '\(use.name)' connect, and nobody says where they see the folder that states are kept in",
                remedy:
                    "have the daemon's configuration say commands.\(use.name).states, what they see the folder runs of its data "
                    + "directory as, or train by a command with argv")
        }
        return command
    }

    /// Reports commands that nothing runs, and a name that is none of them.
    static func checkCommands(_ root: SectionReader, _ commands: [WorkerCommand], _ use: CommandUse?) {
        guard root.has("commands"), root.collector.origin == .user else { return }
        guard let use else {
            return root.report(
                "expected no commands, since the evaluator runs none", key: "commands",
                hint: "take them out, or measure by one: evaluator: {kind: command, name: …}")
        }
        guard !commands.isEmpty, !commands.contains(where: { $0.name == use.name }) else { return }
        root.report(
            "expected the command '\(use.name.prefix(80))' that the evaluator names, found "
                + commands.map(\.name).joined(separator: ", "), key: "commands",
            hint: Spelling.nearest(to: use.name, among: commands.map(\.name)).map { "did you mean '\($0)'?" })
    }
}
