extension DataLook {
    /// Records of CIFAR-10 or CIFAR-100.
    static func records(_ place: LookedFolder, _ seed: UInt64) throws -> DataLook? {
        let names = place.files(ending: [".bin"])
        guard let first = names.first else { return nil }
        let known = [CIFARKind.ten, .hundred].first { $0.name == ContentKind.of(file(first, place))?.name }
        guard let kind = known else { return nil }
        let test = names.filter(LookedFolder.isTest), train = names.filter { !LookedFolder.isTest($0) }
        guard !train.isEmpty, !test.isEmpty else { return nil }
        func count(_ names: [String]) throws -> Int {
            try CIFARReader.layout(files: names.map { file($0, place) }, kind: kind).count
        }
        let format = kind == .ten ? "cifar10" : "cifar100"
        let (trained, tested) = (try count(train), try count(test))
        return DataLook(
            format: format, directory: place.path,
            keys: [
                Key("train", .section([Key("files", .list(train))])),
                Key("test", .section([Key("files", .list(test))]), "measured once, at the end"),
            ], input: .image(height: CIFARReader.side, width: CIFARReader.side, channels: 3), classes: kind.classes,
            count: trained, testCount: tested,
            remarks: ["\(trained + tested) images of 32 x 32 in \(kind.classes) classes (\(kind.name))"])
    }

    /// IDX files, as MNIST comes.
    static func idx(_ place: LookedFolder, _ seed: UInt64) throws -> DataLook? {
        try arrays(
            place, format: "idx",
            names: place.files.filter { $0.lowercased().contains("idx") || $0.lowercased().contains("ubyte") }
        ) { .arrays(.idx, images: $0, labels: $1) }
    }

    /// Arrays of NumPy in files of their own.
    static func npy(_ place: LookedFolder, _ seed: UInt64) throws -> DataLook? {
        try arrays(place, format: "npy", names: place.files(ending: [".npy"])) { .arrays(.npy, images: $0, labels: $1) }
    }

    private static func arrays(
        _ place: LookedFolder, format: String, names: [String], _ source: (String, String) -> ImageSource
    ) throws -> DataLook? {
        guard let train = LookedFolder.pair(names, test: false), let test = LookedFolder.pair(names, test: true) else {
            return nil
        }
        func keys(_ pair: (images: String, labels: String)) -> Key.Value {
            .section([Key("images", .text(pair.images)), Key("labels", .text(pair.labels))])
        }
        return try images(
            place, format: format,
            keys: [Key("train", keys(train)), Key("test", keys(test), "measured once, at the end")],
            train: source(train.images, train.labels), test: source(test.images, test.labels))
    }

    /// An archive of arrays of NumPy, or one for each part.
    static func archive(_ place: LookedFolder, _ seed: UInt64) throws -> DataLook? {
        let files = place.files(ending: [".npz"])
        guard !files.isEmpty else { return nil }
        var pairs: [(file: String, images: String, labels: String)?] = [nil, nil]
        for file in files {
            let names = try ZipArchive(Self.file(file, place)).names
            for (part, isTest) in [false, true].enumerated() {
                // In an archive of its own a part needs no word of which it is.
                let own =
                    LookedFolder.pair(names, test: isTest)
                    ?? (LookedFolder.isTest(file) == isTest && files.count > 1
                        ? LookedFolder.pair(names.filter { !LookedFolder.isTest($0) }, test: false) : nil)
                if let own, pairs[part] == nil { pairs[part] = (file, own.images, own.labels) }
            }
        }
        guard let train = pairs[0], let test = pairs[1] else {
            throw DatasetError.unsupported(
                file: "\(place.path)/\(files[0])",
                expected: "images and labels of both parts, such as x_train, y_train, x_test and y_test",
                found: TableFault.list(try ZipArchive(file(files[0], place)).names))
        }
        func keys(_ part: (file: String, images: String, labels: String)) -> Key.Value {
            .section([
                Key("file", .text(part.file)), Key("images", .text(part.images)), Key("labels", .text(part.labels)),
            ])
        }
        return try images(
            place, format: "npz",
            keys: [Key("train", keys(train)), Key("test", keys(test), "measured once, at the end")],
            train: .archive(file: train.file, images: train.images, labels: train.labels),
            test: .archive(file: test.file, images: test.images, labels: test.labels))
    }

    private static func images(
        _ place: LookedFolder, format: String, keys: [Key], train: ImageSource, test: ImageSource
    ) throws -> DataLook {
        let layout = try train.layout(in: place.data), testLayout = try test.layout(in: place.data)
        // The labels alone say how many classes there are.
        let classes = max(try train.labels(in: place.data).max() ?? 0, try test.labels(in: place.data).max() ?? 0) + 1
        return DataLook(
            format: format, directory: place.path, keys: keys,
            input: .image(height: layout.height, width: layout.width, channels: layout.channels),
            classes: max(2, Int(classes)), count: layout.count, testCount: testLayout.count,
            remarks: [
                "\(layout.count + testLayout.count) images of \(layout.shapeDescription) in \(classes) classes"
            ])
    }

    static func file(_ name: String, _ place: LookedFolder) -> DataFile { DataFile("\(place.path)/\(name)") }
}
