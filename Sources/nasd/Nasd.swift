import ArgumentParser

@main
struct Nasd: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "nasd", abstract: "Neural architecture search daemon.")
}
