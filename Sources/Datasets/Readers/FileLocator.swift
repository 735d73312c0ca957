import Foundation

/// Finds data files by name, packed or not.
enum FileLocator {
    /// The path of the first that exists: `name`, `name` with `.gz` added, `name` with `.gz` taken off.
    ///
    /// A relative name is looked up in `directory`.
    static func locate(_ name: String, in directory: String) throws -> String {
        guard !name.isEmpty else {
            throw DatasetError.invalidSetting(name: "file name", value: "empty", allowed: "a path")
        }
        let base =
            name.hasPrefix("/")
            ? name : URL(fileURLWithPath: directory, isDirectory: true).appendingPathComponent(name).path
        var candidates = [base, base + ".gz"]
        if base.hasSuffix(".gz") { candidates[1] = String(base.dropLast(3)) }
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate) {
            return candidate
        }
        throw DatasetError.missingFile(name: name, tried: candidates)
    }
}
