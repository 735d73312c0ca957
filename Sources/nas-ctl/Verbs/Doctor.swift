internal import API
internal import ArgumentParser

/// `nas-ctl doctor`: what is wrong with the daemon and its machine.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what is wrong with the daemon and its machine, and what decides its speed.",
        discussion: "Example: nas-ctl doctor --filter level=warning")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions

    func run() throws {
        try global.run { session in
            let document = try session.client.doctor()
            try DoctorDocument.Check.listing.write(document.checks, to: session, options: list) {
                DoctorDocument(version: document.version, checks: $0)
            }
        }
    }
}
