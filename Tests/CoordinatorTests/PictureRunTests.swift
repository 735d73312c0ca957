import Datasets
import Foundation
import Runs
import SearchSpaces
import Store
import Supernets
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Runs over folders of pictures, and with images that are changed and mixed.
@Suite struct PictureRunTests {
    private static let changes =
        "{shift: 2, flip: true, brightness: 0.2, contrast: 0.2, erasing: 0.3, mixup: 0.3, cutmix: 0.8}"

    private static func scene() throws -> Scene {
        try Scene(data: "validation: 100, stratified: true").changed(("data.augmentation", changes))
    }

    /// The same bytes at any number of workers and after any stop, with every change of images that there is.
    @Test func changedImages() throws {
        let scenes = try [1, 3].map { workers in
            let scene = try Self.scene()
            #expect(try scene.execute(workers: workers) == .completed)
            return scene
        }
        #expect(try scenes[0].csv() == scenes[1].csv() && scenes[0].trained() == scenes[1].trained())
        let cut = try Self.scene()
        #expect(try cut.executeInPieces(stoppedAt: { 3 + $0 % 5 }) > 3)
        #expect(try cut.csv() == scenes[0].csv())
        let plain = try Scene()
        #expect(try plain.execute() == .completed)
        #expect(try plain.csv() != scenes[0].csv())
    }

    /// Grey pictures of 28 x 28 in ten classes: glyphs, as people have pictures.
    private static func write(to directory: String, count: Int) throws {
        let images = try GlyphGenerator(seed: 1).images(.train, count: count)
        guard case .bytes(let pixels) = images.pixels else { return }
        for index in 0..<count {
            let label = Int(images.labels[index])
            let folder = "\(directory)/figure-\(label)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let values = Array(pixels[index * images.imageSize..<(index + 1) * images.imageSize])
            try Files.write(Files.png(values, width: images.width), "\(folder)/\(index).png")
        }
    }

    /// What a slot reads for a run ends where the run is asked to stop, and looks often enough to show that the slot lives.
    @Test func readingLooksWhetherItIsAsked() throws {
        try withDirectory { directory in
            try Self.write(to: directory + "/figures", count: 60)
            let specification = try RunSpecification.parse(
                yaml: Scene().inputs.specification.asHandedIn.resolvedYAML, file: "tiny.yaml",
                overrides: [
                    (
                        "data",
                        "{format: image-folder, directory: '\(directory)/figures', test: {share: 0.2}, holdOut: {validation: 10}}"
                    ),
                    ("search.samples", "10"),
                ])
            let looks = Atomic<Int>(0)
            let control = RunControl { looks.add(1, ordering: .relaxed) }
            func read() throws -> RunInputs {
                try RunInputs(
                    specification: specification, space: Scene.space.get(), cache: directory + "/cache",
                    watch: ReadingWatch { control.isAsked })
            }
            _ = try read()
            #expect(looks.load(ordering: .relaxed) >= 60)
            try FileManager.default.removeItem(atPath: directory + "/cache")
            control.ask(.pause)
            #expect(throws: DatasetError.stopped) { try read() }
            #expect(!FileManager.default.fileExists(atPath: directory + "/cache"))
        }
    }

    /// From a folder to a front, to a network with the names of its classes, to what it says of a picture.
    @Test func aFolderToAFront() throws {
        try withDirectory { directory in
            try Self.write(to: directory + "/figures", count: 300)
            try Files.write([0x89, 0x50], directory + "/figures/figure-3/broken.png")
            let specification = try RunSpecification.parse(
                yaml: Scene().inputs.specification.asHandedIn.resolvedYAML, file: "tiny.yaml",
                overrides: [
                    (
                        "data",
                        "{format: image-folder, directory: '\(directory)/figures', test: {share: 0.2}, holdOut: {validation: 60}}"
                    ),
                    ("search.samples", "60"),
                ])
            let cache = directory + "/cache"
            let space = try Scene.space.get()
            let scene = Scene(try RunInputs(specification: specification, space: space, cache: cache))
            #expect(scene.inputs.dataset?.testCount == 60 && scene.inputs.dataset?.split.train.count == 180)
            let names = (0..<10).map { "figure-\($0)" }
            #expect(scene.inputs.dataset?.classNames == names)
            #expect(
                scene.inputs.dataset?.review().first?.description.hasPrefix(
                    "figure-3/broken.png is ") == true)
            // What a run keeps of its data counts among what it takes of the disk.
            #expect((scene.inputs.dataset?.cacheBytes ?? 0) > 300 * 784)
            let again = try RunInputs(specification: specification, space: space, cache: cache)
            #expect(again.fingerprints == scene.inputs.fingerprints)
            #expect(try scene.execute() == .completed)
            let (_, run) = try scene.reader()
            let folder = scene.path + "/runs/\(run.id)/models"
            let file = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".safetensors") })
            let model = try ExtractedModel(file: folder + "/" + file)
            #expect(model.description.classes == names)
            let pool = try WorkerPool(count: 2), kernels = try Kernels()
            let evaluation = try ModelEvaluation.test(
                model, file: file, directory: nil, pool: pool, kernels: kernels)
            #expect(evaluation[.accuracy] == model.description.measured["testAccuracy"])
            // A picture of the training set is read as the run read it.
            let pictures = try FileManager.default.contentsOfDirectory(atPath: directory + "/figures/figure-7")
                .map { "\(directory)/figures/figure-7/\($0)" }
            let prediction = try ModelPrediction(
                model, file: file, of: pictures + ["/nowhere.png"], count: 10, pool: pool, kernels: kernels)
            #expect(prediction.pictures.map(\.path) == pictures && prediction.faults.map(\.path) == ["/nowhere.png"])
            for picture in prediction.pictures {
                #expect(Set(picture.answers.map(\.name)) == Set(names))
                #expect(abs(picture.answers.map(\.probability).reduce(0, +) - 1) < 1e-9)
                #expect(picture.answers.map(\.probability) == picture.answers.map(\.probability).sorted(by: >))
            }
            #expect(prediction.warning == nil)
        }
    }
}
