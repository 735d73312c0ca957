import Documents
import Testing

@testable import Runs

/// The section `data`: every format with its own keys.
@Suite struct DataFormatTests {
    private func data(_ yaml: String, task: TaskKind? = nil) throws -> DataSettings {
        try DataSettings.parse(yaml: "data: \(yaml)", file: "d", task: task)
    }

    private func faults(_ yaml: String, task: TaskKind? = nil) -> [String] {
        do {
            _ = try data(yaml, task: task)
            return []
        } catch DocumentError.invalidFile(_, let faults) {
            return faults.map { "\($0.keyPath): \($0.message)" }
        } catch {
            return ["\(error)"]
        }
    }

    private static let files = "train: {files: [a.csv]}, test: {files: [b.csv]}"

    @Test func tables() throws {
        let plain = try #require(try data("{format: csv, \(Self.files), target: k}").source as? CSVSettings)
        #expect(plain.train == ["a.csv"] && plain.test == .files(["b.csv"]) && plain.target == "k" && plain.header)
        #expect(plain.delimiter == nil && plain.categorical == [] && plain.missing == ["", "?", "NA", "nan"])
        let full = try data(
            "{format: csv, train: {files: [a, b]}, test: {share: 0.2}, header: false, delimiter: ';', target: c12, "
                + "categorical: [c1, 7], missing: [-999, '', null, n/a], holdOut: {validation: 20}}")
        let csv = try #require(full.source as? CSVSettings)
        #expect(csv.test == .share(0.2) && csv.delimiter == .semicolon && csv.categorical == ["c1", "7"])
        #expect(csv.missing == ["-999", "", "", "n/a"] && full.holdOut.validation == 20 && csv.drawsTest)
        let numbered = try #require(
            try data("{format: csv, train: {files: [a]}, test: {last: 4000}, target: 16, delimiter: tab}").source
                as? CSVSettings)
        #expect(numbered.test == .last(4000) && numbered.target == "16" && numbered.delimiter == .tab)
    }

    @Test func vectors() throws {
        let labels = try data("{format: npy, train: {inputs: x, labels: y}, test: {inputs: tx, labels: ty}}")
        #expect((labels.source as? VectorSettings)?.isLabelled == true && !labels.source.hasImages)
        let targets = try data("{format: npy, train: {inputs: x, targets: y}, test: {inputs: tx, targets: ty}}")
        #expect((targets.source as? VectorSettings)?.isLabelled == false)
        let images = try data("{format: npy, train: {images: x, labels: y}, test: {images: tx, labels: ty}}")
        #expect((images.source as? ImageArraySettings)?.train.images == "x")
    }

    /// What is stored reads back, and what earlier versions stored is stored so again.
    @Test(
        arguments: [
            ("{format: csv, \(files), target: k}", nil),
            (
                "{format: csv, train: {files: [a]}, test: {last: 5}, target: 'a \"b\"', categorical: ['é', x], delimiter: '|'}",
                nil
            ),
            ("{format: npy, train: {inputs: x, targets: y}, test: {inputs: tx, targets: ty}}", nil),
            (
                "{format: idx, train: {images: x, labels: y}, test: {images: tx, labels: ty}, augmentation: {shift: 2}}",
                """
                data:
                  format: idx
                  train:
                    images: "x"
                    labels: "y"
                  test:
                    images: "tx"
                    labels: "ty"
                  holdOut:
                    validation: 5000
                    sampler: 0
                  augmentation:
                    shift: 2
                    flip: false

                """
            ),
            (
                "{format: cifar10, directory: d, train: {files: [a, b]}, test: {files: [c]}}",
                """
                data:
                  format: cifar10
                  directory: "d"
                  train:
                    files: ["a", "b"]
                  test:
                    files: ["c"]
                  holdOut:
                    validation: 5000
                    sampler: 0
                  augmentation:
                    shift: 0
                    flip: false

                """
            ),
            (
                "{format: image-folder, directory: photos, test: {share: 0.2}, fit: stretch, augmentation: {flip: true}}",
                """
                seed: 3
                data:
                  format: image-folder
                  directory: "photos"
                  train:
                    folder: "."
                  test:
                    share: 0.2
                  fit: stretch
                  strict: false
                  holdOut:
                    validation: 200
                    sampler: 0
                  augmentation:
                    shift: 0
                    flip: true

                """
            ),
            (
                "{format: glyphs, augmentation: {shift: 1, brightness: 0.2, erasing: 0.25, mixup: 0.2, cutmix: 1}}",
                nil
            ),
            ("{format: cifar100, train: {files: [train.bin]}, test: {files: [test.bin]}}", nil),
            ("{format: npz, train: {file: a.npz, images: x_train, labels: 'y\"'}, test: {file: b.npz}}", nil),
            ("{format: image-folder, strict: true, train: {folder: a}, test: {folder: b/c}}", nil),
            ("{format: image-folder, holdOut: {stratified: false}}", nil),
            ("{format: csv, train: {files: [a]}, test: {last: 3}, target: k, holdOut: {stratified: true}}", nil),
            (
                "{format: idx, train: {images: x, labels: y}, test: {images: x, labels: y}, holdOut: {stratified: true}}",
                nil
            ),
            (
                "{format: glyphs}",
                """
                data:
                  format: glyphs
                  count: 8000
                  testCount: 2000
                  holdOut:
                    validation: 1000
                    sampler: 0
                  augmentation:
                    shift: 0
                    flip: false

                """
            ),
        ] as [(String, String?)]) func storedForm(yaml: String, stored: String?) throws
    {
        let settings = try data(yaml)
        if let stored { #expect(settings.yaml(seed: 3) == stored) }
        let again = try DataSettings.parse(yaml: settings.yaml(seed: 3), file: "d", origin: .store)
        // Test examples that a seed draws travel with it.
        if settings.source.drawsTest {
            #expect(
                again.seed == 3 && again.holdOut == settings.holdOut && again.yaml(seed: 3) == settings.yaml(seed: 3))
        } else {
            #expect(again == settings && again.hashValue == settings.hashValue)
        }
    }

    @Test func augmentation() throws {
        let changes = try data(
            "{format: glyphs, augmentation: {brightness: 0.1, contrast: 0.2, saturation: 0.3, erasing: 0.4, mixup: 0.5, cutmix: 1}}"
        ).augmentation
        #expect((changes.brightness, changes.contrast, changes.saturation) == (0.1, 0.2, 0.3))
        #expect((changes.erasing, changes.mixup, changes.cutmix) == (0.4, 0.5, 1) && changes.shift == 0)
        let found = faults("{format: glyphs, augmentation: {erasing: 2, mixup: -1, blur: 1}}")
        #expect(
            found.count == 3 && found[0].hasPrefix("data.augmentation.erasing: expected a number from 0 to 1"),
            "\(found)")
    }

    @Test func pictures() throws {
        let plain = try data("{format: image-folder}")
        let folder = try #require(plain.source as? ImageFolderSettings)
        #expect(folder.train == "train" && folder.test == .folder("test") && folder.fit == .crop && !folder.strict)
        #expect(plain.holdOut.isStratified && !folder.drawsTest)
        let drawn = try data("{format: image-folder, test: {share: 0.25}, holdOut: {stratified: false}}")
        #expect(
            (drawn.source as? ImageFolderSettings)?.train == "." && !drawn.holdOut.isStratified
                && drawn.source.drawsTest)
        #expect(try DataSettings.parse(yaml: drawn.yaml(seed: 9), file: "d").seed == 9)
    }

    /// A part that the seed draws is drawn again where the run is not at hand.
    @Test func theSeedTravels() throws {
        let settings = try data("{format: csv, train: {files: [a]}, test: {share: 0.25}, target: k}")
        #expect(try DataSettings.parse(yaml: settings.yaml(seed: 9), file: "d").seed == 9)
    }

    @Test(arguments: [
        (
            "{format: csv, target: k}",
            ["data.train: expected a mapping, found nothing", "data.test: expected a mapping, found nothing"]
        ),
        ("{format: csv, \(files)}", ["data.target: expected the name of a column, found nothing"]),
        (
            "{format: csv, train: {files: []}, test: {share: 1}, target: k, delimiter: x, header: 2, categorical: [a, a], colour: 1}",
            [
                "data.train.files: expected at least one file name, found an empty list",
                "data.test.share: expected a share below 1, which leaves rows to train with",
                "data.delimiter: expected one of ',', ';', 'tab', '|', found 'x'",
                "data.header: expected true or false, found '2'", "data.categorical[1]: 'a' is listed twice",
                "data.colour: expected one of the keys",
            ]
        ),
        (
            "{format: csv, train: {files: [a]}, test: {last: 3, share: 0.1}, target: k}",
            ["data.test.share: expected one of files, last and share, found last and share"]
        ),
        ("{format: csv, train: {files: [a]}, test: {last: 0}, target: k}", ["data.test.last: expected a whole number"]),
        (
            "{format: csv, train: {files: [a]}, test: {}, target: k}",
            ["data.test.files: expected a list of file names, found nothing"]
        ),
        (
            "{format: image-folder, test: {share: 1, folder: x}, fit: pad, strict: 2}",
            [
                "data.test.share: expected one of folder and share, found both",
                "data.test.share: expected a share below 1, which leaves pictures to train with",
                "data.fit: expected one of crop, stretch, found 'pad'",
                "data.strict: expected true or false, found '2'",
            ]
        ),
        (
            "{format: csv, \(files), target: k, holdOut: {stratified: 2}}",
            ["data.holdOut.stratified: expected true or false"]
        ),
        (
            "{format: csv, \(files), target: k, augmentation: {shift: 2}}",
            ["data.augmentation: expected one of the keys"]
        ),
        (
            "{format: csv, \(files), target: k, missing: [[1]]}",
            ["data.missing[0]: expected a text of at most 64 bytes"]
        ),
        (
            "{format: npy, train: {inputs: x, targets: y}, test: {inputs: x, labels: y}}",
            ["data.test.targets: expected text, found nothing"]
        ),
        (
            "{format: cvs, \(files)}",
            ["data.format: expected one of idx, cifar10, cifar100, image-folder, npy, npz, glyphs, csv, found 'cvs'"]
        ),
    ]) func allFaultsAtOnce(yaml: String, expected: [String]) {
        let found = faults(yaml)
        for fault in expected { #expect(found.contains { $0.hasPrefix(fault) }, "\(found)") }
    }

    @Test func theTargetOfARegressionIsANumber() {
        let yaml = "{format: csv, \(Self.files), target: k, categorical: [k]}"
        #expect(
            faults(yaml, task: .regression).first?.hasPrefix("data.categorical: expected columns of texts, found 'k'")
                == true)
        #expect(faults(yaml, task: .classification) == [] && faults(yaml) == [])
    }
}
