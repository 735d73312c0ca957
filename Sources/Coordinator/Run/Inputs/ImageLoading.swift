internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Training

extension ImageArraySettings: LoadableFormat, ImageFormat {
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource) {
        func source(_ files: Files) -> ImageSource {
            .arrays(name == "npy" ? .npy : .idx, images: files.images, labels: files.labels)
        }
        return (source(train), source(test))
    }
}

extension CIFARSettings: LoadableFormat, ImageFormat {
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource) {
        classes == 10 ? (.cifar10(train), .cifar10(test)) : (.cifar100(train), .cifar100(test))
    }
}

extension NumPyArchiveSettings: LoadableFormat, ImageFormat {
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource) {
        func source(_ arrays: Arrays) -> ImageSource {
            .archive(file: arrays.file, images: arrays.images, labels: arrays.labels)
        }
        return (source(train), source(test))
    }
}

extension GlyphSettings: LoadableFormat, ImageFormat {
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource) {
        (.glyphs(seed: 0, .train, count: count), .glyphs(seed: 0, .test, count: testCount))
    }
}

extension ImageFolderSettings: LoadableFormat, ImageFormat {
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource) {
        func source(_ folder: String, _ part: ImageFolderSource.Part) -> ImageSource {
            // Networks of another input are refused for it; nothing is read then.
            let shape = request.signature.imageShape ?? (1, 1, 1)
            return .folder(
                ImageFolderSource(
                    folder: folder, trainFolder: train, part: part, classNames: request.classNames,
                    height: shape.height, width: shape.width, channels: shape.channels,
                    fit: fit == .crop ? .crop : .stretch, isStrict: strict))
        }
        switch test {
        case .folder(let folder): return (source(train, .all), source(folder, .all))
        case .share(let share):
            return (
                source(train, .training(testShare: share, seed: request.seed)),
                source(train, .test(share: share, seed: request.seed))
            )
        }
    }
}

extension ExampleSignature {
    /// Rows, columns and channels of images; nil for what is none.
    var imageShape: (height: Int, width: Int, channels: Int)? {
        guard case .image(let height, let width, let channels) = input else { return nil }
        return (height, width, channels)
    }
}

/// A format of images.
protocol ImageFormat: LoadableFormat {
    /// Where both parts come from.
    func sources(for request: DataRequest) -> (train: ImageSource, test: ImageSource)
}

extension ImageFormat {
    func survey(_ request: DataRequest) throws -> any DataSurvey {
        let sources = sources(for: request)
        let survey = ImageSurvey(
            request: request, train: sources.train, test: sources.test,
            trainLayout: try sources.train.layout(for: request), testLayout: try sources.test.layout(for: request))
        try ImageDataset.check(
            survey.trainLayout, survey.testLayout, holdOut: request.holdOut, testName: sources.test.name)
        return survey
    }

    func surveyTest(_ request: DataRequest) throws -> any TestSurvey {
        let source = sources(for: request).test
        return ImageTestSurvey(request: request, source: source, layout: try source.layout(for: request))
    }
}

private struct ImageSurvey: DataSurvey {
    let request: DataRequest
    let train: ImageSource
    let test: ImageSource
    let trainLayout: ImageLayout
    let testLayout: ImageLayout

    var memoryBytes: Int { trainLayout.memoryBytes.plus(testLayout.memoryBytes) }
    var cacheBytes: Int { trainLayout.cacheBytes.plus(testLayout.cacheBytes) }
    var remark: String? { nil }

    func load() throws -> any Dataset {
        let changes = request.settings.augmentation
        return try ImageDataset.load(
            train: train, test: test, directory: request.folder, classes: request.signature.outputCount,
            holdOut: request.holdOut, seed: request.seed,
            augmentation: try .init(
                shift: changes.shift, flip: changes.flip,
                colour: .init(
                    brightness: Float(changes.brightness), contrast: Float(changes.contrast),
                    saturation: Float(changes.saturation)),
                erasing: Float(changes.erasing), mixup: changes.mixup, cutmix: changes.cutmix),
            layouts: (trainLayout, testLayout))
    }
}

private struct ImageTestSurvey: TestSurvey {
    let request: DataRequest
    let source: ImageSource
    let layout: ImageLayout

    var memoryBytes: Int { layout.memoryBytes }

    func load(_ normalization: Normalization) throws -> TestData {
        let images = try source.read(in: request.folder, classes: request.signature.outputCount, layout: layout)
        return TestData(
            examples: try ImageExamples(images, normalization: normalization), goal: .classes(images.classes))
    }
}

extension ImageSource {
    /// What a part holds, which must be images that a space reads.
    ///
    /// - Throws: `DatasetError` or `TrainingError.dataMismatch`.
    fileprivate func layout(for request: DataRequest) throws -> ImageLayout {
        guard let (height, width, channels) = request.signature.imageShape else {
            throw TrainingError.dataMismatch(
                what: "format", expected: "\(request.signature)", found: "images in \(name)")
        }
        let images = try layout(in: request.folder, classes: request.signature.outputCount)
        let found = [images.height, images.width, images.channels]
        let expected = [height, width, channels]
        guard found != expected else { return images }
        let isTransposed = found == [channels, height, width]
        throw TrainingError.dataMismatch(
            what: "image shape in \(name)", expected: expected.map(String.init).joined(separator: " x "),
            found: images.shapeDescription
                + (isTransposed
                    ? ", with the channels first, as PyTorch has them: write a.transpose(0, 2, 3, 1), which puts them last"
                    : ""))
    }
}
