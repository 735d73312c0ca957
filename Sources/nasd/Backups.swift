internal import API
internal import ArgumentParser
internal import Foundation
internal import SearchSpaces
internal import Store

/// `nasd backup DIRECTORY`: a copy of a data directory, beside a live run or daemon too.
struct Backups: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a data directory: database, checkpoints and networks.",
        discussion: """
            Also while a run or a daemon works in it. The copy is a data directory itself and appears complete or not at all; its \
            database was checked, and backup.json in it has a digest of every file.

            Example: nasd backup /var/lib/nasd --output /srv/backups/nasd-monday
            """)

    @Argument(help: "The data directory.", transform: PathText.checked)
    var directory: String
    @Option(
        help: "The folder to make; default DIRECTORY.backups/ and the time.", transform: PathText.checked)
    var output: String?

    func run() throws {
        try Failure.catching {
            let now = Date()
            // Names of files on any system: no colons.
            let name = now.formatted(.iso8601).replacing("-", with: "").replacing(":", with: "")
            let place = output ?? Backup.usualFolder(of: directory) + "/" + name
            if FileManager.default.fileExists(atPath: place) {
                throw Failure(
                    code: .conflict, message: "error: \(place) exists already; choose a place where nothing is")
            }
            let backup = try Backup.make(
                of: DataDirectory(reading: directory), at: place, version: ProductVersion.text, time: now)
            Output.line(backup.path)
            Output.tell("\(backup.fileCount) files, \(backup.bytes >> 20) MiB; checked")
        }
    }
}

/// `nasd restore BACKUP DIRECTORY`: puts a backup in the place of a data directory.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a copy of a backup in the place of a data directory.",
        discussion: """
            Every file is checked first. The directory changes in one step: whoever is killed meanwhile leaves the old one or the new \
            one. The old one is kept beside it as DIRECTORY.replaced-N. Refused while a run or a daemon works in it.

            Example: systemctl stop nasd && nasd restore /srv/backups/nasd-monday /var/lib/nasd --replace
            """)

    @Argument(help: "A folder that nasd backup made.", transform: PathText.checked)
    var backup: String
    @Argument(help: "The data directory; made where it is missing.", transform: PathText.checked)
    var directory: String
    @Flag(help: "Replace a data directory that has a database.")
    var replace = false

    func run() throws {
        try Failure.catching {
            let copy = try Backup(backup)
            if !replace, FileManager.default.fileExists(atPath: directory + "/nasd.sqlite") {
                throw Failure(
                    code: .conflict,
                    message:
                        "error: \(directory) has a database; --replace puts the backup in its place and keeps it aside")
            }
            let old = try copy.restore(to: directory)
            Output.line(directory)
            Output.tell(
                "restored as of \(copy.time.formatted(.iso8601)): \(copy.fileCount) files, \(copy.bytes >> 20) MiB")
            if let old { Output.tell("what was there is in \(old); remove it once it is not needed") }
        }
    }
}
