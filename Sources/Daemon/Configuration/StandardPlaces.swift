internal import API
package import Foundation

/// What lies beside the program where it is installed.
package enum Installation {
    /// The program, by whatever name and path it was called.
    package static var program: URL {
        URL(
            filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                ?? CommandLine.arguments.first ?? "")
    }

    /// The folder of the spaces: P/share/nasd/SearchSpaces of P/bin/nasd.
    package static var spaces: String {
        program.deletingLastPathComponent().appending(path: "../share/nasd/SearchSpaces").standardized.path
    }
}

/// Where a daemon's files lie unless told otherwise, and what paths are relative to.
struct StandardPlaces {
    private let environment: [String: String]

    /// Looks at the process's environment.
    init(_ environment: [String: String]) { self.environment = environment }

    /// The data directory: under systemd its state directory, the first where there are several.
    var dataDirectory: String {
        environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init) ?? home + "/.local/state/nasd"
    }

    /// The socket, where `nas-ctl` looks for it too; nil where the system gives no folder for it.
    var socket: String? { Endpoint.ownSocket(environment: environment) }

    /// A path that a user wrote, from the root on.
    func absolute(_ path: String) -> String {
        let isAtHome = path == "~" || path.hasPrefix("~/")
        return URL(fileURLWithPath: isAtHome ? home + path.dropFirst() : path).standardizedFileURL.path
    }

    /// The user's folder: what HOME says, and only without it what the system's list of users does.
    private var home: String {
        if let home = environment["HOME"], !home.isEmpty { return home }
        return NSHomeDirectory()
    }
}
