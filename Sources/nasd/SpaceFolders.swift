internal import Daemon
internal import Foundation

/// Where spaces are looked up after the folder of the run file.
enum SpaceFolders {
    /// The folder above the run file's, the current folder's `SearchSpaces/`, the installation's share folder, and the
    /// repository's, if the program was built in one.
    static func all(runFile: String? = nil) -> [String] {
        let beside = Installation.program.deletingLastPathComponent()
        // Run files lie in SearchSpaces/runs.
        let above = runFile.map {
            URL(filePath: $0).standardizedFileURL.deletingLastPathComponent().deletingLastPathComponent().path
        }
        var folders =
            (above.map { [$0] } ?? []) + ["SearchSpaces", Installation.spaces]
        // A build lies at .build/TRIPLE/release/nasd.
        var folder = beside
        for _ in 0..<5 where folder.path != "/" {
            let candidate = folder.appending(path: "SearchSpaces")
            if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
                folders.append(candidate.path)
            }
            folder.deleteLastPathComponent()
        }
        return folders
    }
}
