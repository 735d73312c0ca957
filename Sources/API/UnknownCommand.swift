internal import Documents
internal import SearchSpaces

/// A word on a command line that stands where a command is expected and names none; for both programs.
public struct UnknownCommand: Sendable, Equatable, CustomStringConvertible {
    /// The word.
    public let word: String
    /// What its place is within, such as `nas-ctl` or `nas-ctl webhooks`.
    public let program: String
    /// The commands that there are.
    public let known: [String]

    /// Finds the word; nil where every command is known.
    ///
    /// - Parameters:
    ///   - arguments: The command line, without the program.
    ///   - commands: The commands with those that they have in turn.
    ///   - valueOptions: Options before the command that take the word behind them as their value.
    public init?(
        in arguments: [String], of program: String, commands: [(name: String, subcommands: [String])],
        valueOptions: [String] = []
    ) {
        var words: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if valueOptions.contains(argument) {
                rest = rest.dropFirst()
            } else if !argument.hasPrefix("-") {
                words.append(argument)
            }
        }
        // Help is asked for about commands.
        if words.first == "help" { words.removeFirst() }
        guard let first = words.first else { return nil }
        if let command = commands.first(where: { $0.name == first }) {
            guard !command.subcommands.isEmpty, words.count > 1, !command.subcommands.contains(words[1]) else {
                return nil
            }
            self.init(word: words[1], program: "\(program) \(first)", known: command.subcommands)
        } else {
            self.init(word: first, program: program, known: commands.map(\.name))
        }
    }

    private init(word: String, program: String, known: [String]) {
        self.word = word
        self.program = program
        self.known = known
    }

    /// What is wrong, and which command was perhaps meant.
    public var description: String {
        let near = Spelling.nearest(to: word, among: known)
        let hint = near.map { "did you mean '\($0)'? \(program) --help lists them" }
        return "\(program) has no command '\(word)'; \(hint ?? "there are \(known.joined(separator: ", "))")"
    }
}
