internal import Foundation

/// Names of classes in a file beside the data: a line each, in the order of their labels.
public enum ClassNames {
    /// What the file is called.
    public static let file = "classes.txt"
    /// The most bytes of a name.
    static let mostBytes = 1024
    private static let mostFileBytes = 64 << 20

    /// The names in `classes.txt` of a folder; nil where there is no such file.
    ///
    /// - Throws: `DatasetError` for a file that cannot be read, and for names that are none.
    static func read(in folder: OpenFolder, named file: String = file) throws(DatasetError) -> [String]? {
        let bytes: [UInt8]
        let path = "\(folder.path)/\(file)"
        guard folder.has(file) else { return nil }
        do throws(ImageFault) {
            bytes = try folder.contents(of: file, most: mostFileBytes)
        } catch {
            throw .unreadable(file: path, reason: "\(error)")
        }
        return try names(bytes, path: path)
    }

    /// The names of a file's bytes.
    static func names(_ bytes: [UInt8], path: String) throws(DatasetError) -> [String] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badHeader(file: path, reason: "it is no text in UTF-8")
        }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        var known: Set<String> = []
        for (index, name) in lines.enumerated() {
            guard isOne(name) else {
                throw .badHeader(
                    file: path,
                    reason: "line \(index + 1): expected a name of 1 to \(mostBytes) bytes without control characters")
            }
            guard known.insert(name).inserted else {
                throw .badHeader(file: path, reason: "line \(index + 1): '\(name)' is there twice")
            }
        }
        guard !lines.isEmpty else { throw .empty(file: path) }
        return lines
    }

    /// Whether a text can name a class.
    static func isOne(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= mostBytes
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// Names in the order of their labels: of their numbers where all are numbers, otherwise of their bytes.
    static func ordered(_ names: [String]) -> [String] {
        let numbers = names.compactMap { Int($0) }
        guard numbers.count == names.count, Set(numbers).count == names.count else {
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        return zip(numbers, names).sorted { $0.0 < $1.0 }.map(\.1)
    }
}
