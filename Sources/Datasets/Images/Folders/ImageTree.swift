/// The files of pictures beneath a folder: each folder in it is a class.
struct ImageTree {
    /// A file of a picture.
    struct File: Equatable {
        /// Where it lies, from the folder of the data.
        let path: String
        /// The class whose folder it lies in.
        let label: Int32
        let bytes: Int
        /// When it was last changed, in nanoseconds.
        let changed: Int
        /// Whether it is a link that leads out of the folder of the data.
        let isOutside: Bool
    }

    /// Names of the classes in the order of their labels.
    let classes: [String]
    /// The files, class by class in the order of the bytes of their paths.
    private(set) var files: [File] = []
    /// How many files of other kinds there are, by the endings of their names.
    private(set) var others: [String: Int] = [:]
    /// Pictures that lie in no class's folder.
    private(set) var unsorted: [String] = []

    /// The most pictures of a folder.
    static let mostFiles = 5_000_000
    /// The most folders within one another below that of a class.
    static let mostDepth = 8
    private static let mostTold = 1000

    /// Looks through a folder.
    ///
    /// - Parameters:
    ///   - classes: The names of the classes, each that of a folder; nil takes the folders that there are.
    ///   - folder: Where the folders of the classes lie, from the folder of the data.
    /// - Throws: `DatasetError` where there is no such folder, or a folder that is none of the classes.
    init(_ data: OpenFolder, folder: String, classes known: [String]?) throws(DatasetError) {
        let folder = folder == "." ? "" : folder
        let place = folder.isEmpty ? data.path : "\(data.path)/\(folder)"
        guard let entries = try data.entries(of: folder) else { throw .missingFile(name: folder, tried: [place]) }
        let folders = entries.filter { $0.kind == .folder }.compactMap(\.name)
        classes = known ?? ClassNames.ordered(folders)
        guard !classes.isEmpty else {
            throw .otherShape(
                file: place, expected: "a folder for each class, with its pictures in it", found: "no folder",
                remedy: "move the pictures of each class into a folder that is called as the class")
        }
        if let name = classes.first(where: { !ClassNames.isOne($0) }) {
            throw .unsupported(
                file: place,
                expected:
                    "folders called as classes, in at most \(ClassNames.mostBytes) bytes without control characters",
                found: TableFault.shown(name))
        }
        guard Set(classes).count == classes.count else {
            throw .unsupported(
                file: place, expected: "folders of classes whose names differ",
                found: "two that differ only in how an accent is written")
        }
        let labels = Dictionary(uniqueKeysWithValues: zip(classes, Int32(0)...))
        for entry in entries where entry.kind != .folder {
            guard let name = entry.name, ImageDecoder.Format(name: name) != nil else { continue }
            if unsorted.count < Self.mostTold { unsorted.append(name) }
        }
        var unknown: [String] = []
        for name in folders {
            guard let label = labels[name] else {
                unknown.append(name)
                continue
            }
            try add(data, folder.isEmpty ? name : "\(folder)/\(name)", label: label, depth: 0)
        }
        guard unknown.isEmpty else {
            throw .otherShape(
                file: place, expected: "folders of the \(classes.count) classes (\(TableFault.list(classes)))",
                found: "one more (\(TableFault.list(unknown)))",
                remedy: "name each class in \(ClassNames.file), or take out folders that are no class")
        }
        files.sort { ($0.label, $0.path) < ($1.label, $1.path) }
    }

    private mutating func add(
        _ data: OpenFolder, _ folder: String, label: Int32, depth: Int
    ) throws(DatasetError) {
        guard depth <= Self.mostDepth else {
            throw .unsupported(
                file: "\(data.path)/\(folder)", expected: "at most \(Self.mostDepth) folders within a class's",
                found: "more")
        }
        for entry in try data.entries(of: folder) ?? [] {
            guard let name = entry.name else {
                others["(a name that is no UTF-8)", default: 0] += 1
                continue
            }
            let path = "\(folder)/\(name)", isPicture = ImageDecoder.Format(name: name) != nil
            switch entry.kind {
            case .folder: try add(data, path, label: label, depth: depth + 1)
            case .file(let bytes, let changed) where isPicture:
                files.append(File(path: path, label: label, bytes: bytes, changed: changed, isOutside: false))
            case .outside where isPicture:
                files.append(File(path: path, label: label, bytes: 0, changed: 0, isOutside: true))
            // Whoever reads it says what is wrong.
            case .other where isPicture:
                files.append(File(path: path, label: label, bytes: 0, changed: 0, isOutside: false))
            default: pass(name)
            }
        }
        guard files.count <= Self.mostFiles else {
            throw .invalidSetting(
                name: "\(data.path): number of pictures", value: "more than \(Self.mostFiles)",
                allowed: "1...\(Self.mostFiles)")
        }
    }

    private mutating func pass(_ name: String) {
        let ending = name.lastIndex(of: ".").map { String(name[$0...].lowercased().prefix(16)) } ?? "(none)"
        // Endings may be as many as files.
        let known = others[ending] != nil || others.count < Self.mostTold
        others[known ? ending : "(others)", default: 0] += 1
    }

    /// How many files each class has.
    var counts: [Int] {
        var counts = [Int](repeating: 0, count: classes.count)
        for file in files { counts[Int(file.label)] += 1 }
        return counts
    }

    /// What the files are, so that pictures that were made of them are known to be of the same ones: a line each.
    var listing: [UInt8] {
        var bytes: [UInt8] = []
        for name in classes { bytes += Array("\(name)\n".utf8) }
        for file in files { bytes += Array("\(file.label)\t\(file.bytes)\t\(file.changed)\t\(file.path)\n".utf8) }
        return bytes
    }
}
