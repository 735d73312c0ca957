internal import Foundation
internal import Runs

/// What a worker finds in its environment.
enum WorkerEnvironment {
    /// What every program of a user has; nothing of it is the daemon's own, and whatever else a worker needs its command says.
    private static let common = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME",
        "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK", "KUBECONFIG", "VIRTUAL_ENV",
    ]

    /// The variables of a slot.
    static func variables(
        of command: WorkerCommand, slot: Int, from all: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        var variables = all.filter { common.contains($0.key) || $0.key.hasPrefix("LC_") }
        for variable in command.environment where !variable.values.isEmpty {
            variables[variable.name] = variable.values[slot % variable.values.count]
        }
        variables["NASD_SLOT"] = String(slot)
        return variables
    }
}
