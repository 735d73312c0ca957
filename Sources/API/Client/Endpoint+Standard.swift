internal import Foundation

extension Endpoint {
    /// Where a daemon listens unless told otherwise: in its runtime directory under systemd, else in the user's; nil
    /// without either.
    public static func ownSocket(environment: [String: String]) -> String? { ownSockets(environment).first }

    /// Where a client looks unless told otherwise, the nearest first: as a daemon of its environment, then the system's
    /// daemon.
    public static func standardSockets(environment: [String: String]) -> [String] {
        let places = ownSockets(environment), system = "/run/nasd/nasd.sock"
        return places.contains(system) ? places : places + [system]
    }

    private static func ownSockets(_ environment: [String: String]) -> [String] {
        var places: [String] = []
        // systemd lists several directories with colons.
        if let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first {
            places.append("\(directory)/nasd.sock")
        }
        if let directory = environment["XDG_RUNTIME_DIR"], !directory.isEmpty {
            places.append("\(directory)/nasd.sock")
        }
        return places
    }

    /// The first of the usual places where a socket lies.
    ///
    /// - Throws: `APIClientError.noDaemon` with every place looked at, or `invalidEndpoint` when the path that was found
    ///   is too long.
    public static func standard(environment: [String: String]) throws(APIClientError) -> Endpoint {
        let places = standardSockets(environment: environment)
        for place in places {
            // A path that no socket can have is worth a word even where nothing lies there.
            if place.utf8.count > longestSocketPath || access(place, F_OK) == 0 {
                return try Endpoint(socketPath: place)
            }
        }
        throw .noDaemon(searched: places)
    }
}
