/// What came of the pictures of a folder.
struct Pictures: Equatable {
    /// A file that nothing came of.
    struct Broken: Equatable {
        /// Where it lies, from the folder of the data.
        let path: String
        /// What is wrong with it and what to do.
        let reason: String
    }

    /// Pixels of the images, one after the other.
    var pixels: [UInt8] = []
    /// Their labels.
    var labels: [Int32] = []
    /// Files that cannot be read.
    var broken: [Broken] = []
    /// Files whose contents are of another format than their names say.
    var misnamed: [String] = []

    /// So many are told of one by one.
    static let mostTold = 20

    /// What a person may want to know of them.
    func notes(_ tree: ImageTree) -> [DataWarning] {
        var notes = broken.prefix(Self.mostTold).map { DataWarning.brokenPicture(path: $0.path, reason: $0.reason) }
        if broken.count > Self.mostTold {
            notes.append(.brokenPictures(more: broken.count - Self.mostTold, of: tree.files.count))
        }
        if let first = misnamed.first { notes.append(.misnamedPictures(count: misnamed.count, first: first)) }
        if let first = tree.unsorted.first {
            notes.append(.unsortedPictures(count: tree.unsorted.count, first: first))
        }
        if !tree.others.isEmpty {
            let endings = tree.others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
            notes.append(
                .otherFiles(
                    count: tree.others.values.reduce(0, +),
                    kinds: endings.map { "\(TableFault.shown($0.key)): \($0.value)" }))
        }
        return notes
    }
}
