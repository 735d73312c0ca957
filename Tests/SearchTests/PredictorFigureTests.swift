import Foundation
import SearchSpaces
import Tensors
import Testing

@testable import Search

/// Answers the questions of `Benchmarks/predictor_peers`: fits to some rows, predicts others, and writes what it said beside the file.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["NASD_PREDICTOR_ROWS"] != nil,
        "set NASD_PREDICTOR_ROWS to a file of Benchmarks/predictor_peers"))
struct PredictorFigureTests {
    private struct Question: Decodable {
        let names: [String]
        let blocks: [Int]
        let options: [[Double]]
        let ordinal: [Bool]
        let rows: [[UInt8]]
        let targets: [Double]
        let asked: [[UInt8]]
    }

    private struct Answer: Encodable {
        var predictions: [String: [Double]] = [:]
        var spreads: [Double] = []
        var milliseconds = 0.0
    }

    private struct Space: GenomeSpace {
        let decisions: [Decision]
    }

    @Test func answers() throws {
        let path = try #require(ProcessInfo.processInfo.environment["NASD_PREDICTOR_ROWS"])
        let questions = try JSONDecoder().decode([Question].self, from: Data(contentsOf: URL(filePath: path)))
        let answers = questions.map { question -> Answer in
            let space = Space(
                decisions: question.names.indices.map { index in
                    Decision(
                        name: question.names[index],
                        scope: question.blocks[index] < 0 ? .network : .block(question.blocks[index]),
                        options: question.options[index], isOrdinal: question.ordinal[index])
                })
            let encoding = GenomeEncoding(space)
            let features = encoding.encode(question.rows.map(Genome.init))
            let asked = encoding.encode(question.asked.map(Genome.init))
            var answer = Answer()
            for (name, members) in [
                ("ridge", [QualityPredictor.Member.ridge]), ("ensemble", QualityPredictor.Member.allCases),
            ] {
                guard let basis = RidgeBasis(features) else { continue }
                var predictor: QualityPredictor?
                let time = ContinuousClock().measure {
                    predictor = QualityPredictor(
                        features, basis: basis, encoding: encoding, targets: question.targets, members: Set(members))
                }
                let found = predictor?.predictions(of: asked) ?? []
                answer.predictions[name] = found.map(\.mean)
                if name == "ensemble" {
                    answer.spreads = found.map(\.spread)
                    answer.milliseconds = time / .milliseconds(1)
                }
            }
            return answer
        }
        #expect(answers.allSatisfy { $0.predictions.values.allSatisfy { $0.allSatisfy(\.isFinite) } })
        try JSONEncoder().encode(answers).write(to: URL(filePath: path + ".answers"))
    }
}
