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

    @Test func dataMustFitTheSpace() throws {
        let scene = try Scene()
        let other = try SearchSpace.parse(
            yaml: scene.inputs.space.resolvedYAML.replacing("height: 28", with: "height: 35"), file: "other.yaml")
        let error = #expect(throws: TrainingError.self) {
            try RunInputs(specification: scene.inputs.specification, space: other)
        }
        #expect(error?.description.contains("35 x 28 x 1") == true)
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
                model, file: file, directory: nil, pool: WorkerPool(count: 2), kernels: try Kernels())
            let row = try #require(
                try store.candidates(run.id, weightsStep: 30).first { $0.candidate.key == model.description.key })
            #expect(evaluation.accuracy == row.measurement(.testAccuracy)?.value)
            #expect(model.description.measured["testAccuracy"] == evaluation.accuracy)
        }
    }
}
