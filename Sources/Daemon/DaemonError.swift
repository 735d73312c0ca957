/// What keeps a daemon from starting.
public enum DaemonError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another daemon answers on the socket.
    case socketInUse(String)
    /// Something else has the socket's name.
    case notASocket(String)
    /// The socket cannot be given to the group.
    case noSuchGroup(String)
    /// The TCP address cannot be had.
    case cannotListen(address: String, reason: String)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .socketInUse(let path):
            "\(path): another daemon answers on this socket; stop it, or choose another socket"
        case .notASocket(let path): "\(path): a file of another kind is in the way; move it, or choose another socket"
        case .noSuchGroup(let group):
            "socketGroup '\(group)': the socket cannot be given to this group; create it, or join it"
        case .cannotListen(let address, let reason):
            "\(address): cannot be listened on: \(reason); choose another address"
        }
    }
}
