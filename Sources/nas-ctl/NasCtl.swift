internal import API
internal import ArgumentParser
internal import SearchSpaces

/// The command line of nas-ctl.
@main
struct NasCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nas-ctl", abstract: "Control a running nasd.", version: ProductVersion.text)
}
