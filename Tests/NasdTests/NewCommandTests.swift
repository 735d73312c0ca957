import Foundation
import TestSupport
import Testing

/// `nasd new` as a user would type it, and what follows it.
@Suite struct NewCommandTests {
    /// Pictures of two kinds: dark to the left, and dark to the right.
    private static func write(to directory: String, count: Int) throws {
        for index in 0..<count {
            let isLeft = index % 2 == 0
            let folder = directory + (isLeft ? "/left" : "/right")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let pixels = (0..<144).map { place in
                UInt8(((place % 12 < 6) == isLeft ? 40 : 200) + (place * 7 + index * 13) % 40)
            }
            try Files.write(Files.png(pixels, width: 12), "\(folder)/\(index).png")
        }
    }

    @Test func fromAFolderToAnAnswer() throws {
        try withDirectory { directory in
            try Self.write(to: directory + "/pictures", count: 200)
            let here = URL(filePath: directory)
            func nasd(_ arguments: String...) throws -> Program.Outcome {
                try Program(arguments, folder: here).wait()
            }
            let new = try nasd("new", "sides", "--data", "pictures", "--minutes", "0.02", "--workers", "2")
            #expect(new.code == 0, "\(new.error)")
            #expect(new.error.contains("200 pictures in 2 classes ('left', 'right'), 100 each"))
            #expect(new.output.contains("next: nasd run sides.yaml"))
            // Nothing that is there is written over.
            let again = try nasd("new", "sides", "--data", "pictures")
            #expect(again.code == 5 && again.error.contains("sides.yaml is there already"))
            let valid = try nasd("validate", "sides.yaml")
            #expect(valid.code == 0 && valid.output.contains("format: image-folder"), "\(valid.error)")
            let run = try nasd(
                "run", "sides.yaml", "--workers", "2", "--set", "train.steps=30", "--set", "search.evaluations=34",
                "--set", "train.optimizer.warmup=2")
            #expect(run.code == 0, "\(run.error)")
            let models = directory + "/nasd-runs/sides/runs"
            let all = FileManager.default.enumerator(atPath: models)?.compactMap { $0 as? String } ?? []
            let model = try #require(all.first { $0.hasSuffix(".safetensors") && $0.contains("models/") })
            let predict = try nasd(
                "predict", "\(models)/\(model)", "pictures/left/0.png", "pictures/right/1.png", "--top", "1")
            #expect(predict.code == 0, "\(predict.error)")
            #expect(predict.output.hasPrefix("pictures/left/0.png  left ") && predict.output.contains("1.png  right "))
            let missing = try nasd("predict", "\(models)/\(model)", "nowhere.png", "pictures/left/0.png")
            #expect(
                missing.code == 1 && missing.error.contains("nowhere.png cannot be read")
                    && missing.output.contains("left"))
        }
    }

    @Test func whatIsRefused() throws {
        try withDirectory { directory in
            for (arguments, code, said) in [
                (["new", "a/b", "--data", "."], 2, "as the name"), (["new", "x", "--data", "."], 2, "found nothing"),
                (["new", "x", "--data", "nowhere"], 3, "not found"), (["new", "x"], 2, "--data"),
                (["new", "x", "--data", ".", "--minutes", "0"], 2, "--minutes"),
            ] as [([String], Int32, String)] {
                let outcome = try Program(arguments, folder: URL(filePath: directory)).wait()
                #expect(
                    outcome.code == code && outcome.error.contains(said),
                    "\(arguments): \(outcome.code) \(outcome.error)")
            }
        }
    }
}
