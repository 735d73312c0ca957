/// Where a value comes from: a place in the file, or an override of the command line.
struct FilePosition: Hashable {
    var line: Int
    var column: Int
    var overrideKey: String?

    static let start = FilePosition(line: 1, column: 1)

    static func override(_ key: String) -> FilePosition { FilePosition(line: 0, column: 0, overrideKey: key) }
}
