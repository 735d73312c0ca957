internal import ArgumentParser
internal import SearchSpaces

/// `nasd version`: what this is, and under which licence.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Tell the version and the licence.")

    func run() {
        Output.line("nasd \(ProductVersion.text)")
        Output.line("MIT licence, Copyright (c) 2026 The nasd authors; libraries: Documentation/licenses.md")
    }
}
