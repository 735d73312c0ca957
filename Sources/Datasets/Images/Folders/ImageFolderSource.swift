/// A part of a data set in a folder of pictures, a folder a class.
public struct ImageFolderSource: Sendable, Equatable {
    /// Which of the pictures are meant.
    public enum Part: Sendable, Equatable {
        /// All.
        case all
        /// All but those of the test.
        case training(testShare: Double, seed: UInt64)
        /// So great a share of each class, drawn by a seed.
        case test(share: Double, seed: UInt64)
    }

    /// Where the folders of the classes lie, from the folder of the data.
    public let folder: String
    /// Where those of the training part lie, whose names are those of the classes.
    public let trainFolder: String
    /// Which pictures.
    public let part: Part
    /// Names of the classes; nil takes `classes.txt`, or the folders of the training part.
    public let classNames: [String]?
    /// Rows, columns and channels (1 or 3) that pictures get.
    public let height: Int, width: Int, channels: Int
    /// How they get them.
    public let fit: ImageFit
    /// Whether a picture that cannot be read is an error, and not left out with a warning.
    public let isStrict: Bool

    /// Describes a part.
    public init(
        folder: String, trainFolder: String, part: Part, classNames: [String]? = nil, height: Int, width: Int,
        channels: Int, fit: ImageFit, isStrict: Bool
    ) {
        self.folder = folder
        self.trainFolder = trainFolder
        self.part = part
        self.classNames = classNames
        self.height = height
        self.width = width
        self.channels = channels
        self.fit = fit
        self.isStrict = isStrict
    }

    private var imageBytes: Int { height.multipliedReportingOverflow(by: width).partialValue * channels }

    /// What the names and sizes of the files say; none of them is opened. Pictures that cannot be read are still counted.
    func layout(in directory: DataFolder, classes: Int?) throws -> ImageLayout {
        guard [1, 3].contains(channels) else {
            throw DatasetError.unsupported(
                file: "input.channels of the space", expected: "1 or 3 for pictures", found: "\(channels)")
        }
        let tree = try tree(directory.open(), classes: classes)
        let counts = tree.counts
        let count =
            switch part {
            case .all: tree.files.count
            case .training(let share, _): counts.reduce(0) { $0 + $1 - Self.drawn(share, of: $1) }
            case .test(let share, _): counts.reduce(0) { $0 + Self.drawn(share, of: $1) }
            }
        guard count > 0 else { throw DatasetError.empty(file: folder) }
        try ImageSet.checkCount(count, name: folder)
        return ImageLayout(
            count: count, height: height, width: width, channels: channels, valueBytes: 1,
            extraBytes: workBytes(tree), cacheBytes: directory.cache == nil ? 0 : cacheBytes(tree))
    }

    /// What decoding takes beside the pictures that it makes.
    private func workBytes(_ tree: ImageTree) -> Int {
        // Of a file of so many bytes no decoder makes more pixels: deflate packs 1032 to one, of 8 pixels a byte at most.
        let largest = min(tree.files.lazy.map(\.bytes).max() ?? 0, ImageDecoder.mostBytes)
        let pixels = min(ImageDecoder.mostPixels, largest * 8 * 1032)
        let all = part == .all ? 0 : tree.files.count * (imageBytes + 4)
        return largest + pixels * ImageDecoder.bytesOfPixel + all + tree.files.count * 160
    }

    /// Both parts of one folder have one file.
    private func cacheBytes(_ tree: ImageTree) -> Int {
        if case .test = part { 0 } else { tree.files.count * (imageBytes + 256) }
    }

    private func tree(_ data: OpenFolder, classes: Int?) throws -> ImageTree {
        let names = try classNames ?? ClassNames.read(in: data)
        let known =
            try names ?? (folder == trainFolder ? nil : ImageTree(data, folder: trainFolder, classes: nil).classes)
        let tree = try ImageTree(data, folder: folder, classes: known)
        if let classes, classes != tree.classes.count {
            let source = names == nil ? "folders" : "names in \(ClassNames.file)"
            throw DatasetError.otherShape(
                file: data.path, expected: "\(classes) classes, as the space has",
                found: "\(tree.classes.count) \(source) (\(TableFault.list(tree.classes)))",
                remedy: "set input.classes of the space to \(tree.classes.count), or look at the folders")
        }
        return tree
    }

    /// Reads the pictures, from the cache where it has them.
    ///
    /// - Throws: `DatasetError` where none can be read, for those that cannot where it is to be strict, and when whoever looks on
    ///   ends it; nothing is kept of what was decoded until then.
    func read(in directory: DataFolder, classes: Int?) throws -> ImageSet {
        let data = try directory.open()
        let tree = try tree(data, classes: classes)
        let key = ImageCache.Key(
            settings: "\(data.path)\t\(folder)\t\(height)x\(width)x\(channels)\t\(fit.rawValue)", listing: tree.listing)
        let cache = directory.cache.map { ImageCache(folder: $0) }
        let pictures: Pictures
        if let known = cache?.read(key, imageBytes: imageBytes, watch: data.watch) {
            pictures = known
        } else {
            pictures = try decode(tree, data)
            cache?.write(pictures, key)
        }
        if isStrict, !pictures.broken.isEmpty {
            throw DatasetError.pictures(
                folder: data.path, broken: pictures.broken.prefix(20).map { "\($0.path) \($0.reason)" },
                count: pictures.broken.count)
        }
        guard !pictures.labels.isEmpty else {
            throw pictures.broken.isEmpty
                ? DatasetError.empty(file: "\(data.path)/\(folder)")
                : DatasetError.pictures(
                    folder: data.path, broken: pictures.broken.prefix(20).map { "\($0.path) \($0.reason)" },
                    count: pictures.broken.count)
        }
        var (pixels, labels) = (pictures.pixels, pictures.labels)
        if let chosen = chosen(of: labels, classes: tree.classes.count) {
            var kept: [UInt8] = []
            kept.reserveCapacity(chosen.count * imageBytes)
            for place in chosen { kept += pixels[place * imageBytes..<(place + 1) * imageBytes] }
            pixels = kept
            labels = chosen.map { labels[$0] }
        }
        return try ImageSet(
            height: height, width: width, channels: channels, pixels: .bytes(pixels), labels: labels,
            classes: tree.classes.count, name: "\(data.path)/\(folder)", classNames: tree.classes,
            notes: pictures.notes(tree))
    }

    private func decode(_ tree: ImageTree, _ data: OpenFolder) throws -> Pictures {
        let target = ImageFit.Target(height: height, width: width)
        try Checked.room(tree.files.count * imageBytes, file: data.path)
        var pictures = Pictures()
        pictures.pixels.reserveCapacity(tree.files.count * imageBytes)
        for (number, file) in tree.files.enumerated() {
            try data.watch.check()
            data.watch.tell(number, of: tree.files.count)
            do throws(ImageFault) {
                guard !file.isOutside else { throw .outside }
                let contents = try data.contents(of: file.path, most: ImageDecoder.mostBytes)
                let (image, format) = try ImageDecoder.decode(contents, wanted: target)
                pictures.pixels += image.fitted(target, channels: channels, fit: fit)
                pictures.labels.append(file.label)
                if ImageDecoder.Format(name: file.path) != format { pictures.misnamed.append(file.path) }
            } catch {
                pictures.broken.append(.init(path: file.path, reason: "\(error)"))
            }
        }
        data.watch.tell(tree.files.count, of: tree.files.count)
        return pictures
    }

    // MARK: Drawing

    /// How many of a class are drawn for the test: of two one at least, and never all.
    static func drawn(_ share: Double, of count: Int) -> Int {
        count < 2 ? 0 : min(count - 1, max(1, Int((Double(count) * share).rounded())))
    }

    /// The places of the pictures that are meant, ascending; nil for all.
    private func chosen(of labels: [Int32], classes: Int) -> [Int]? {
        let share: Double, seed: UInt64
        switch part {
        case .all: return nil
        case .training(let testShare, let drawnBy): (share, seed) = (testShare, drawnBy)
        case .test(let testShare, let drawnBy): (share, seed) = (testShare, drawnBy)
        }
        let drawn = Strata(labels, classes: classes).draw(seed: seed) { Self.drawn(share, of: $0) }
        if case .test = part { return drawn.map(Int.init) }
        let left = Set(drawn)
        return labels.indices.filter { !left.contains(Int32($0)) }
    }
}
