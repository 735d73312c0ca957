internal import CSystemCalls
internal import Foundation

/// The memory that processes here may have.
public enum MachineMemory {
    /// Bytes of the machine, or of the control group or the address space where these have a limit below.
    public static var bytes: Int {
        let physical = min(Int(clamping: ProcessInfo.processInfo.physicalMemory), addressSpaceBytes)
        return groupLimits(root: "/sys/fs/cgroup", groups: text("/proc/self/cgroup") ?? "").reduce(physical, min)
    }

    /// Stacks of workers, which take address space and hardly any memory.
    private static let stackBytes = 64 << 20

    /// What is left of this process's address space (`ulimit -v`): programs and stacks take much of it before there is any data.
    private static var addressSpaceBytes: Int {
        let limit = nasd_address_space_limit()
        guard limit < .max else { return .max }
        let pages = text("/proc/self/statm")?.split(separator: " ").first.flatMap { Int($0) } ?? 0
        return max(0, limit - pages * sysconf(Int32(_SC_PAGESIZE)) - stackBytes)
    }

    /// The limits of a process's control group and of those around it, of version 2 or 1.
    ///
    /// - Parameters:
    ///   - root: Where control groups are mounted.
    ///   - groups: The text of /proc/PID/cgroup.
    static func groupLimits(root: String, groups: String) -> [Int] {
        var files = [root + "/memory.max", root + "/memory/memory.limit_in_bytes"]
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, !fields[2].contains("..") else { continue }
            let isUnified = fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("memory") else { continue }
            var group = ""
            for part in fields[2].split(separator: "/") {
                group += "/" + part
                files.append(
                    isUnified ? root + group + "/memory.max" : root + "/memory" + group + "/memory.limit_in_bytes")
            }
        }
        return files.compactMap { text($0).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Room on a disk.
public enum DiskSpace {
    /// Bytes that this user may still write where a path lies; nil when the system does not say.
    public static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
