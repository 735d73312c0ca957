extension DataLook {
    /// So many pictures are looked at to choose a size.
    private static let mostLookedAt = 120
    /// The share of pictures that becomes the test where there is none.
    private static let testShare = 0.2

    /// A folder of pictures, a folder a class: `train` and `test`, or the classes at once.
    static func pictures(_ place: LookedFolder, _ seed: UInt64) throws -> DataLook? {
        // Whoever names a file means no folder beside it.
        guard !place.folders.isEmpty else { return nil }
        let train = place.folders.first { ["train", "training"].contains($0.lowercased()) }
        let test =
            place.folders.first { ["test", "testing"].contains($0.lowercased()) }
            ?? place.folders.first { ["val", "valid", "validation"].contains($0.lowercased()) }
        let names = try ClassNames.read(in: place.folder)
        guard let tree = try? ImageTree(place.folder, folder: train ?? ".", classes: names), !tree.files.isEmpty else {
            return nil
        }
        guard tree.classes.count > 1 else {
            throw DatasetError.otherShape(
                file: place.path, expected: "a folder for each of two classes or more",
                found: "pictures in \(TableFault.list(tree.classes)) alone",
                remedy: "name the folder above those of the classes")
        }
        let shown = try sample(of: tree, place.folder)
        let counts = tree.counts
        var keys: [Key] = [], count = tree.files.count, testCount = 0
        if train != nil, let test {
            testCount = try ImageTree(place.folder, folder: test, classes: tree.classes).files.count
            keys = [
                Key("train", .section([Key("folder", .text(train ?? "."))]), "a folder a class"),
                Key("test", .section([Key("folder", .text(test))]), "measured once, at the end"),
            ]
        } else {
            testCount = counts.reduce(0) { $0 + ImageFolderSource.drawn(testShare, of: $1) }
            count -= testCount
            keys = [
                Key("train", .section([Key("folder", .text(train ?? "."))]), "a folder a class"),
                Key(
                    "test", .section([Key("share", .plain("\(testShare)"))]),
                    "there is no folder for the test: a fifth of each class, drawn by the seed"),
            ]
        }
        keys.append(Key("fit", .plain("crop"), "the middle of a picture; stretch takes all of it, out of shape"))
        let least = counts.min() ?? 0, most = counts.max() ?? 0
        return DataLook(
            format: "image-folder", directory: place.path, keys: keys,
            input: .image(height: shown.side, width: shown.side, channels: shown.isGrey ? 1 : 3),
            classes: tree.classes.count, count: count, testCount: testCount,
            remarks: [
                "\(tree.files.count + (test != nil && train != nil ? testCount : 0)) pictures in \(tree.classes.count) classes (\(TableFault.list(tree.classes))), "
                    + "\(least == most ? "\(least)" : "\(least) to \(most)") each",
                shown.remark,
            ])
    }

    /// What some pictures, evenly chosen, look like, and the side of images that suits them.
    private static func sample(
        of tree: ImageTree, _ folder: OpenFolder
    ) throws(DatasetError) -> (side: Int, isGrey: Bool, remark: String) {
        let stride = max(1, tree.files.count / mostLookedAt)
        var sides: [Int] = [], sizes: Set<[Int]> = [], isGrey = true, broken = 0
        for index in Swift.stride(from: 0, to: tree.files.count, by: stride) {
            do throws(ImageFault) {
                let contents = try folder.contents(of: tree.files[index].path, most: ImageDecoder.mostBytes)
                // The whole picture: what it is scaled to is not known yet.
                let image = try ImageDecoder.decode(contents, wanted: .init(height: 1 << 20, width: 1 << 20)).image
                sides.append(min(image.width, image.height))
                sizes.insert([image.width, image.height])
                isGrey = isGrey && image.isGrey
            } catch {
                broken += 1
            }
        }
        guard let middle = sides.sorted().dropFirst(sides.count / 2).first else {
            throw .unsupported(file: folder.path, expected: "pictures that can be read", found: "none among \(broken)")
        }
        // A network halves its images some times, and a processor computes 64 x 64 in reasonable time.
        let side = [28, 32, 48].first { middle <= $0 } ?? 64
        let size =
            sizes.count == 1
            ? "\(sizes.first?[0] ?? 0) x \(sizes.first?[1] ?? 0)"
            : "sides of \(sides.min() ?? 0) to \(sides.max() ?? 0)"
        return (
            side, isGrey,
            "\(sides.count + broken) of them looked at: \(isGrey ? "grey" : "coloured"), \(size) pixels; images become \(side) x \(side)"
                + (broken > 0 ? "; \(broken) cannot be read, and the run names them" : "")
        )
    }
}

extension DecodedImage {
    /// Whether it has no colours, but for what rounding makes of grey.
    var isGrey: Bool {
        stride(from: 0, to: pixels.count, by: 3).allSatisfy { at in
            let (red, green, blue) = (Int(pixels[at]), Int(pixels[at + 1]), Int(pixels[at + 2]))
            return abs(red - green) <= 3 && abs(green - blue) <= 3
        }
    }
}
