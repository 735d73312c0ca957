internal import ArgumentParser

/// `nas-ctl completion bash|zsh|fish`: a script that completes command lines.
struct Completion: ParsableCommand {
    /// The shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        /// The parser's name of it.
        var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    static let configuration = CommandConfiguration(
        abstract: "Print a script that completes command lines.",
        discussion: "Example: nas-ctl completion bash > ~/.local/share/bash-completion/completions/nas-ctl")

    @Argument(help: "The shell.")
    var shell: Shell

    func run() throws {
        let console = Console()
        try console.write(NasCtl.completionScript(for: shell.completionShell) + "\n")
        try console.flush()
    }
}
