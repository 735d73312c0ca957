import Datasets
import Documents
import Foundation
import Runs
import SearchSpaces
import Store
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

@Suite struct RunInputsTests {
    @Test func constraintsThatNothingKeepsAreRefused() {
        for constraint in [
            "{metric: params, atMost: 10}", "{metric: multiplyAdds, atLeast: 1000000000}",
            "{metric: accuracy, atLeast: 1.5}",
        ] {
            let error = #expect(throws: RunError.self) {
                try Scene(search: "constraints: [\(constraint)]")
            }
            #expect(error?.description.contains("no architecture of the space") == true)
        }
        #expect(throws: Never.self) { try Scene(search: "constraints: [{metric: params, atMost: 3000}]") }
    }

    /// Losses that are for classes alone are refused where numbers are learned, instead of being left out without a word.
    @Test func softLabelsOfNumbersAreRefused() throws {
        func refusal(_ key: String, _ value: String) throws -> String? {
            let folder = Repository.root.appending(path: "SearchSpaces")
            let file = folder.appending(path: "runs/wine-mlp.yaml")
            let run = try RunSpecification.parse(
                yaml: try String(contentsOf: file, encoding: .utf8), file: file.path, overrides: [(key, value)])
            let space = try SpaceCatalog.load(folder.appending(path: "mlp-wine.yaml").path)
            do { try RunInputs.check(run, in: space) } catch { return "\(error)" }
            return nil
        }
        #expect(try refusal("train.labelSmoothing", "0") == nil)
        #expect(
            try refusal("train.labelSmoothing", "0.1")
                == "train.labelSmoothing: regression has no labels to soften; leave it out")
        #expect(
            try refusal("train.distillation", "{weight: 0.5, temperature: 2}")?.hasPrefix(
                "train.distillation.temperature: regression") == true)
        #expect(try refusal("train.distillation", "{weight: 0.5}") == nil)
    }

    /// A submission of files needs a folder beneath a root; whatever is wrong with that, the remedy is told.
    @Test func dataOfOthersLiesBeneathARoot() throws {
        func reason(_ directory: String?, roots: [String]) throws -> String? {
            let files = "train: {images: a, labels: b}, test: {images: c, labels: d}"
            let folder = directory.map { "directory: \($0), " } ?? ""
            let data = try DataSettings.parse(yaml: "data: {format: idx, \(folder)\(files)}", file: "run.yaml")
            do {
                _ = try DataRoots(roots).folder(named: data.directory ?? "", isTrusted: false)
                return nil
            } catch CoordinatorError.noDataFolder(_, let reason) {
                return reason
            }
        }
        let root = FileManager.default.temporaryDirectory.path
        #expect(try reason(".", roots: ["/nowhere-at-all", root]) == nil)
        #expect(try reason("no-such-folder", roots: ["/nowhere-at-all", root])?.contains("2 data roots") == true)
        for directory in [nil, "mnist", "/srv/mnist"] {
            #expect(try reason(directory, roots: [])?.contains("--set dataRoots=FOLDER") == true)
            #expect(try reason(directory, roots: [root])?.contains("no data roots") == false)
        }
        #expect(throws: DocumentError.self) { try reason("\"a\\0b\"", roots: [root]) }
        #expect(
            try reason("/srv/data/mnist", roots: [root])?.contains("with /srv/data among its dataRoots, write mnist")
                == true)
        for directory in ["/", "/mnist"] {
            let said = try reason(directory, roots: ["/"])
            #expect(said?.hasSuffix("name the folder of the data relative to one of its dataRoots") == true)
        }
    }

    /// A root that is away hides no other; it is told of where none has the folder.
    @Test func rootsThatAreAway() throws {
        let files = "train: {images: a, labels: b}, test: {images: c, labels: d}"
        try withDirectory { root in
            try FileManager.default.createDirectory(atPath: root + "/mnist", withIntermediateDirectories: false)
            let roots = DataRoots(["/nowhere-at-all", root])
            for isTrusted in [true, false] {
                let data = try DataSettings.parse(
                    yaml: "data: {format: idx, directory: mnist, \(files)}", file: "run.yaml")
                #expect(try roots.folder(named: data.directory ?? "", isTrusted: isTrusted).root == root)
            }
            let other = try DataSettings.parse(yaml: "data: {format: idx, directory: x, \(files)}", file: "run.yaml")
            #expect {
                try roots.folder(named: other.directory ?? "", isTrusted: true)
            } throws: {
                "\($0)".contains("/nowhere-at-all: cannot be read")
            }
            #expect(throws: CoordinatorError.self) { try roots.folder(named: other.directory ?? "", isTrusted: false) }
        }
    }

    @Test func dataMustFitTheSpace() throws {
        let scene = try Scene()
        let other = try SearchSpace.parse(
            yaml: scene.inputs.space.resolvedYAML.replacing("height: 28", with: "height: 35"), file: "other.yaml")
        let error = #expect(throws: RunError.self) {
            try RunInputs(specification: scene.inputs.specification, space: other)
        }
        #expect(error?.description.contains("35 x 28 x 1") == true)
    }

    /// The greatest space and batch that files can ask for are counted, not computed until they overflow.
    @Test func theEstimateNeverOverflows() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: endless
                family: vit
                input: {height: 1024, width: 1024, channels: 1, patch: 1, classes: 10}
                headWidth: 64
                choices: {embed: [64, 16384], depth: [1, 64], heads: [1, 2], mlpRatio: [1, 16]}
                """, file: "endless.yaml")
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: endless
                space: endless
                data: {format: npy, train: \(Self.pair), test: \(Self.pair), holdOut: {validation: 100}}
                train: {steps: 10, batch: 1000000, shards: 1}
                search: {objectives: [{metric: accuracy}], population: 4, evaluations: 8}
                """, file: "endless.yaml")
        let folder = try Self.holes(count: 400, height: 1024, width: 1024)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        #expect(try MemoryEstimate.bytes(specification, space, folder: folder, workers: 1024) > 1 << 60)
        let small = try Scene().inputs
        let bytes = try MemoryEstimate.bytes(small.specification, small.space, folder: nil, workers: 2)
        #expect(bytes > 64 << 20 && bytes < 1 << 30)
    }

    /// Whatever the readers of spaces and runs let through, the loader takes: the ends of their ranges are within its own.
    @Test func whatIsAcceptedCanBeLoaded() throws {
        #expect(DataLimits.classes.upperBound <= ImageSet.mostClasses)
        #expect(DataLimits.examples.upperBound <= ImageSet.mostImages)
        let images = try ImageSet(
            height: 1, width: 1, channels: 1, pixels: .bytes([1, 2]), labels: [0, 999_999],
            classes: DataLimits.classes.upperBound)
        #expect(images.classes == 1_000_000)
        // The format that a run names fixes the images that a space has to read.
        for (format, yaml) in [
            ("glyphs", "{format: glyphs}"),
            ("cifar10", "{format: cifar10, train: {files: [a]}, test: {files: [b]}}"),
        ] {
            let data = try DataSettings.parse(yaml: "data: \(yaml)", file: "data", origin: .store)
            let layout = format == "glyphs" ? GlyphGenerator.layout(count: 1) : try CIFARReader.layout(files: [])
            let fits = try Self.shape(layout.height, layout.width, layout.channels, 10)
            #expect(throws: Never.self) { try data.check(fits: fits) }
            for other in [
                try Self.shape(27, layout.width, layout.channels, 10),
                try Self.shape(layout.height, 27, layout.channels, 10),
                try Self.shape(layout.height, layout.width, 2, 10),
                try Self.shape(layout.height, layout.width, layout.channels, 100_000),
            ] {
                #expect(throws: RunError.self) { try data.check(fits: other) }
            }
        }
    }

    /// A large set is refused by its figures, and never drawn: that would take minutes and the memory of the machine.
    @Test func memoryIsCountedBeforeDataAreRead() throws {
        // As many as a set can have: 1.5 TiB.
        let count = ImageSet.mostImages
        let folder = try Self.holes(count: count, height: 28, width: 28)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        let scene = try Scene()
        let specification = try RunSpecification.parse(
            yaml: scene.inputs.specification.resolvedYAML, file: "r",
            overrides: [("data", "{format: npy, train: \(Self.pair), test: \(Self.pair), holdOut: {validation: 100}}")])
        let error = #expect(throws: CoordinatorError.self) {
            try RunInputs(specification: specification, space: scene.inputs.space, folder: folder)
        }
        guard case .littleMemory(let needed, let data, let present) = error else { return }
        #expect(needed > 2 * data / 3 && data > 2 * count * 784 && present < needed)
        #expect(error?.description.contains("less data, which take \(data >> 20) MiB") == true)
    }

    @Test func headersAreHeldAgainstTheRun() throws {
        let folder = NSTemporaryDirectory() + "nasd-headers-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scene = try Scene()
        func bytes(_ shape: String, validation: Int = 2) throws -> Int {
            try Files.write(Files.npy("|u1", shape, [UInt8](repeating: 7, count: 4 * 28 * 28)), folder + "/x.npy")
            try Files.write(Files.npy("|u1", "(4,)", [0, 1, 2, 3]), folder + "/y.npy")
            let specification = try RunSpecification.parse(
                yaml: scene.inputs.specification.resolvedYAML, file: "r",
                overrides: [
                    (
                        "data",
                        "{format: npy, train: \(Self.pair), test: \(Self.pair), holdOut: {validation: \(validation)}}"
                    ),
                    ("search.samples", "\(validation)"),
                ])
            return try MemoryEstimate.bytes(
                specification, scene.inputs.space, folder: DataFolder(folder), workers: 1)
        }
        #expect(try bytes("(4, 28, 28)") > 0)
        #expect {
            try bytes("(4, 1, 28, 28)")
        } throws: {
            "\($0)".contains("channels first") && "\($0)".contains("a.transpose(0, 2, 3, 1)")
        }
        #expect {
            try bytes("(4, 28, 28)", validation: 4)
        } throws: {
            "\($0)".contains("validation 4 and sampler 0 of 4 examples leave none to train on")
        }
    }

    /// What reading would refuse by the headers is refused before the run is accepted, in the same words.
    @Test func headersThatReadingRefuses() throws {
        let scene = try Scene()
        func npy(_ type: String, _ width: Int) -> [UInt8] {
            Files.npy(type, "(4, 28, 28)", [UInt8](repeating: 0, count: 4 * 28 * 28 * width))
        }
        let labels = Files.npy("|u1", "(4,)", [0, 1, 2, 3])
        let wide = Files.npy("|u1", "(4, 11)", (0..<44).map { $0 % 12 == 0 ? 1 : 0 })
        let cases: [(test: [UInt8], labels: [UInt8], message: String?)] = [
            (npy("|u1", 1), labels, nil), (npy("<f4", 4), labels, "both bytes or neither"),
            (npy("|u1", 1), wide, "found rows of 11 for 10 classes"),
            (npy("|u1", 1) + [0], labels, "more bytes follow"), (npy("|u1", 1), labels + [0], "more bytes follow"),
        ]
        for (test, testLabels, message) in cases {
            try withDirectory { folder in
                for (name, bytes) in [("x", npy("|u1", 1)), ("y", labels), ("tx", test), ("ty", testLabels)] {
                    try Files.write(bytes, "\(folder)/\(name).npy")
                }
                let specification = try RunSpecification.parse(
                    yaml: scene.inputs.specification.resolvedYAML, file: "r",
                    overrides: [
                        (
                            "data",
                            "{format: npy, train: \(Self.pair), test: {images: tx.npy, labels: ty.npy}, "
                                + "holdOut: {validation: 2}}"
                        ),
                        ("search.samples", "2"),
                    ])
                func said(_ body: () throws -> Void) -> String? {
                    do { try body() } catch { return "\(error)" }
                    return nil
                }
                let before = said {
                    _ = try MemoryEstimate.bytes(
                        specification, scene.inputs.space, folder: DataFolder(folder), workers: 1)
                }
                let reading = said {
                    _ = try ImageDataset.load(
                        train: .arrays(.npy, images: "x.npy", labels: "y.npy"),
                        test: .arrays(.npy, images: "tx.npy", labels: "ty.npy"), directory: DataFolder(folder),
                        classes: 10, holdOut: .init(validation: 2), seed: 1)
                }
                #expect(before == reading && before?.contains(message ?? "nothing") == (message == nil ? nil : true))
            }
        }
    }

    /// What is odd about the data is told, logged and kept, and changes no result.
    @Test func warningsAreKeptWithTheRun() throws {
        let scene = try Scene(data: "validation: 390")
        #expect(try scene.execute() == .completed)
        let told = scene.progress.compactMap { if case .warning(let text) = $0 { text } else { nil } }
        #expect(told.contains { $0.contains("data.holdOut leaves 10 of 400 examples") })
        let (_, run) = try scene.reader()
        let directory = try DataDirectory(reading: scene.path)
        #expect(RunWarnings.read(run.id, in: directory) == told)
        let log = try String(contentsOfFile: directory.runDirectory(run.id) + "/log.jsonl", encoding: .utf8)
        #expect(log.contains("leaves 10 of 400 examples"))
        #expect(try Scene().inputs.dataset?.review() == [])
        // Before a run began there is nothing to tell; one that an earlier version began was not looked at.
        let manifest = directory.runDirectory(run.id) + "/manifest.json"
        let text = try String(contentsOfFile: manifest, encoding: .utf8)
        let start = try #require(text.range(of: ",\n  \"warnings\"")?.lowerBound)
        try Data((text[..<start] + "\n}").utf8).write(to: URL(filePath: manifest))
        #expect(RunWarnings.read(run.id, in: directory) == nil)
        try FileManager.default.removeItem(atPath: manifest)
        #expect(RunWarnings.read(run.id, in: directory) == [])
    }

    private static let pair = "{images: x.npy, labels: y.npy}"

    /// A folder with images and labels that are all hole: of any size, and on no disk.
    private static func holes(count: Int, height: Int, width: Int) throws -> DataFolder {
        let folder = NSTemporaryDirectory() + "nasd-holes-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, shape, size) in [
            ("x", "(\(count), \(height), \(width))", count * height * width), ("y", "(\(count),)", count),
        ] {
            let header = Files.npy("|u1", shape, [])
            try Files.write(header, "\(folder)/\(name).npy")
            try #require(truncate("\(folder)/\(name).npy", off_t(header.count + size)) == 0)
        }
        return DataFolder(folder)
    }

    private static func shape(_ height: Int, _ width: Int, _ channels: Int, _ classes: Int) throws -> ExampleSignature {
        let yaml = TinySpace.yaml().replacing(
            "{height: 28, width: 28, channels: 1, patch: 7, classes: 10}",
            with: "{height: \(height), width: \(width), channels: \(channels), patch: 1, classes: \(classes)}")
        return try SearchSpace.parse(yaml: yaml, file: "s").signature
    }

    /// The limits of a control group and of those around it count, of both versions.
    @Test func controlGroupsLimitMemory() throws {
        let root = NSTemporaryDirectory() + "nasd-group-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (name, text) in [
            ("memory.max", "max\n"), ("a/memory.max", "3000\n"), ("a/b/memory.max", "5000\n"),
            ("memory/old/memory.limit_in_bytes", "700\n"),
        ] {
            let file = root + "/" + name
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: file))
        }
        #expect(MachineMemory.groupLimits(root: root, groups: "0::/a/b\n").sorted() == [3000, 5000])
        #expect(MachineMemory.groupLimits(root: root, groups: "4:cpu:/a\n3:memory,x:/old\n") == [700])
        #expect(MachineMemory.groupLimits(root: root, groups: "0::/../a\n").isEmpty)
        #expect(MachineMemory.bytes > 0)
    }

    /// A network file measured alone has the accuracy of its candidate.
    @Test func anExtractedNetworkScoresAsItsCandidate() throws {
        let scene = try Scene()
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader()
        let session = try RunSession(scene.inputs, directory: scene.path)
        defer { try? session.store.close() }
        let results = session.results(scene.inputs.specification)
        let best = try #require(try results.best())
        let file = results.modelPath(best.candidate.number)
        let models = try FileManager.default.contentsOfDirectory(atPath: scene.path + "/runs/\(run.id)/models")
            .filter { $0.hasSuffix(".safetensors") }
        #expect(!models.isEmpty)
        for name in models {
            let model = try ExtractedModel(file: scene.path + "/runs/\(run.id)/models/" + name)
            let evaluation = try ModelEvaluation.test(
                model, file: file, directory: nil, pool: try WorkerPool(count: 2), kernels: try Kernels())
            let row = try #require(
                try store.candidates(run.id, weightsStep: 30).first { $0.candidate.key == model.description.key })
            #expect(evaluation[.accuracy] == row.measurement(of: .accuracy, at: .test)?.value)
            #expect(model.description.measured["testAccuracy"] == evaluation[.accuracy])
        }
    }
}
