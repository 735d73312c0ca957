import Foundation
import SearchSpaces
import Store
import Supernets
import Tensors
import Testing
import Training

@testable import Coordinator

@Suite struct RunInputsTests {
    @Test func constraintsThatNothingKeepsAreRefused() {
        for constraint in [
            "{metric: params, atMost: 10}", "{metric: multiplyAdds, atLeast: 1000000000}",
            "{metric: accuracy, atLeast: 1.5}",
        ] {
            let error = #expect(throws: CoordinatorError.self) {
                try Scene(search: "constraints: [\(constraint)]")
            }
            #expect(error?.description.contains("no architecture of the space") == true)
        }
        #expect(throws: Never.self) { try Scene(search: "constraints: [{metric: params, atMost: 3000}]") }
    }

    /// A submission of files needs a folder beneath a root; whatever is wrong with that, the remedy is told.
    @Test func dataOfOthersLiesBeneathARoot() throws {
        func reason(_ directory: String?, roots: [String]) throws -> String? {
            let files = "train: {images: a, labels: b}, test: {images: c, labels: d}"
            let folder = directory.map { "directory: \($0), " } ?? ""
            let data = try DataSettings.parse(yaml: "data: {format: idx, \(folder)\(files)}", file: "run.yaml")
            do {
                _ = try DataRoots(roots).folder(of: data, isTrusted: false)
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
        #expect(throws: SearchSpaceError.self) { try reason("\"a\\0b\"", roots: [root]) }
    }

    @Test func dataMustFitTheSpace() throws {
        let scene = try Scene()
        let other = try SearchSpace.parse(
            yaml: scene.inputs.space.resolvedYAML.replacing("height: 28", with: "height: 35"), file: "other.yaml")
        let error = #expect(throws: TrainingError.self) {
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
                data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
                train: {steps: 10, batch: 1000000, shards: 1}
                search: {objectives: [{metric: accuracy}], population: 4, evaluations: 8}
                """, file: "endless.yaml")
        #expect(try MemoryEstimate.bytes(specification, space, folder: nil, workers: 1024) > 1 << 60)
        let small = try Scene().inputs
        let bytes = try MemoryEstimate.bytes(small.specification, small.space, folder: nil, workers: 2)
        #expect(bytes > 64 << 20 && bytes < 1 << 30)
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
            #expect(evaluation.accuracy == row.measurement(.testAccuracy)?.value)
            #expect(model.description.measured["testAccuracy"] == evaluation.accuracy)
        }
    }
}
