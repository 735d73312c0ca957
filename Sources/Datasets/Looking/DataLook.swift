/// What the data at a place are, found out by looking: what a run file says of them, and what a space has to fit.
public struct DataLook: Sendable, Equatable {
    /// What an example is.
    public enum Input: Sendable, Equatable {
        /// An image of so many rows, columns and channels.
        case image(height: Int, width: Int, channels: Int)
        /// So many numbers.
        case numbers(Int)
    }

    /// A key of the section `data`, with a word on where it comes from.
    public struct Key: Sendable, Equatable {
        /// What a key has.
        public enum Value: Sendable, Equatable {
            /// A word or a number, as it stands.
            case plain(String)
            /// A text.
            case text(String)
            /// A list of texts.
            case list([String])
            /// Keys below it.
            case section([Key])
        }

        /// The key.
        public let name: String
        /// What it has.
        public let value: Value
        /// Why; nil for what needs no word.
        public let remark: String?

        /// Takes all three.
        init(_ name: String, _ value: Value, _ remark: String? = nil) {
            self.name = name
            self.value = value
            self.remark = remark
        }
    }

    /// `data.format`.
    public let format: String
    /// `data.directory`: the whole path of the folder.
    public let directory: String
    /// The keys of the format.
    public let keys: [Key]
    /// What an example is.
    public let input: Input
    /// How many classes there are to tell; nil where numbers are.
    public let classes: Int?
    /// Examples that train and are held out.
    public let count: Int
    /// Examples that are measured at the end.
    public let testCount: Int
    /// What was found, a line each, for a person.
    public let remarks: [String]

    /// How many examples are to be held out for validation: a fifth, and no more than 5000.
    public var validation: Int { Self.validation(of: count) }

    static func validation(of count: Int) -> Int { max(1, min(5000, count / 5)) }

    /// What a table is read by.
    public struct TableRules: Sendable {
        /// The column to tell; nil looks for one.
        public var target: String?
        /// Texts that stand for what is missing, and those that do so in columns of numbers alone.
        public var missing: [String], missingNumbers: [String]

        /// Takes the rules.
        public init(target: String?, missing: [String], missingNumbers: [String]) {
            self.target = target
            self.missing = missing
            self.missingNumbers = missingNumbers
        }
    }

    /// Looks at a folder or a file.
    ///
    /// - Parameters:
    ///   - path: A folder with data, or a file of them.
    ///   - seed: The seed that a run is to have, which draws parts.
    /// - Throws: `DatasetError` for what is there and cannot be used, or where there is nothing that is known.
    public static func find(at path: String, seed: UInt64, table rules: TableRules) throws -> DataLook {
        let place = try LookedFolder(path)
        for look in [pictures, records, archive, idx, npy] as [(LookedFolder, UInt64) throws -> DataLook?] {
            if let found = try look(place, seed) { return found }
        }
        if let found = try table(place, seed, rules) { return found }
        throw DatasetError.unsupported(
            file: place.path,
            expected: "folders of PNG and JPEG (one a class), CIFAR records (.bin), IDX, .npy, .npz or a table (.csv)",
            found: place.files.isEmpty && place.folders.isEmpty ? "nothing" : place.found)
    }
}

/// A folder that is looked at, or one file of it.
struct LookedFolder {
    /// Its whole path.
    let path: String
    /// The folder itself.
    let folder: OpenFolder
    /// Names of the files that count, in order.
    let files: [String]
    /// Names of the folders in it.
    let folders: [String]
    /// The folder as readers take it.
    let data: DataFolder

    /// Opens a path.
    ///
    /// - Throws: `DatasetError` where there is nothing, or nothing that can be read.
    init(_ path: String) throws {
        let whole = DataPath.whole(path)
        if DataPath.isFile(whole) {
            let (parent, name) = DataPath.split(whole)
            self.path = parent
            data = DataFolder(parent)
            folder = try data.open()
            files = [name]
            folders = []
            return
        }
        self.path = whole
        data = DataFolder(whole)
        folder = try data.open()
        let entries = try folder.entries(of: "") ?? []
        files = entries.compactMap { entry in
            if case .file = entry.kind { entry.name } else { nil }
        }
        folders = entries.filter { $0.kind == .folder }.compactMap(\.name)
    }

    /// What there is, in a few words.
    var found: String {
        let names = folders.prefix(4).map { $0 + "/" } + files.prefix(4)
        let more = folders.count + files.count - names.count
        return names.map(TableFault.shown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Names of files with one of some endings, packed or not.
    func files(ending endings: [String]) -> [String] {
        files.filter { name in
            let name = name.lowercased()
            return endings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") }
        }
    }

    /// Whether a name is that of a test part.
    static func isTest(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("test") || name.hasPrefix("t10k") || name.contains("val")
    }

    /// Whether a name is that of labels.
    static func isLabels(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("label") || name.contains("target") || name.hasPrefix("y_") || name.hasPrefix("y.")
            || name.hasPrefix("y-") || name.contains("_y.") || name == "y"
    }

    /// The names of a part as images and their labels; nil unless there is one of each.
    static func pair(_ names: [String], test: Bool) -> (images: String, labels: String)? {
        let own = names.filter { isTest($0) == test }
        let labels = own.filter(isLabels), images = own.filter { !isLabels($0) }
        guard labels.count == 1, images.count == 1 else { return nil }
        return (images[0], labels[0])
    }
}
