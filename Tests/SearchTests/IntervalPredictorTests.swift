import Foundation
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import Search

/// Predictions with intervals, and what their trials say.
@Suite struct IntervalPredictorTests {
    /// What grows with size, but for a factor that depends on a decision, and noise of 2 %.
    private struct Rows {
        let space: SearchSpace
        var genomes: [Genome] = []
        var values: [Double] = []

        init(_ count: Int, noise: Double = 0.02) throws {
            space = try SearchSpace.parse(
                yaml: WideSpace.yaml(widths: 4, depths: 5, expansions: 4), file: "wide.yaml")
            var generator = CounterGenerator(seed: 5, stream: .search, step: 0)
            for _ in 0..<count {
                let genome = space.randomGenome(using: &generator)
                let size = Double(space.cost(of: genome, by: .multiplyAdds))
                let factor = [1, 1.3, 0.8, 1.1][Int(genome.choices[0])]
                genomes.append(genome)
                values.append(
                    (0.1 + 1e-5 * size * factor) * (1 + noise * Double.random(in: -1...1, using: &generator)))
            }
        }
    }

    @Test func intervalsHoldAsMuchAsTheySay() throws {
        let rows = try Rows(240)
        let (trial, found) = try #require(
            PredictorTrial.crossValidated(rows.genomes, values: rows.values, in: rows.space, level: 0.9))
        #expect(trial.count == 240 && found.map(\.row) == Array(0..<240))
        // 216 are expected; four standard deviations are 19.
        #expect((197...235).contains(trial.inside), "\(trial.inside)")
        #expect(trial.tau > 0.9 && trial.relativeError < 0.03 && trial.halfWidth < 0.08, "\(trial)")
        let inside = found.count { $0.prediction.interval.contains(rows.values[$0.row]) }
        #expect(inside == trial.inside)
        let errors = found.map { abs($0.prediction.value - rows.values[$0.row]) / rows.values[$0.row] }
        #expect(abs(errors.reduce(0, +) / 240 - trial.relativeError) < 1e-12)
    }

    @Test func aPredictionIsAFunctionOfTheGenome() throws {
        let rows = try Rows(80)
        let predictor = try #require(IntervalPredictor(rows.genomes, values: rows.values, in: rows.space))
        let again = try #require(IntervalPredictor(rows.genomes, values: rows.values, in: rows.space))
        let one = predictor.prediction(of: rows.genomes[7])
        for genome in rows.genomes.reversed() {
            #expect(predictor.prediction(of: genome) == again.prediction(of: genome))
        }
        #expect(predictor.prediction(of: rows.genomes[7]) == one)
        #expect(one.interval.lowerBound < one.value && one.value < one.interval.upperBound)
    }

    @Test func fewRowsTellNothing() throws {
        let rows = try Rows(12)
        func fit(_ count: Int, level: Double) -> IntervalPredictor? {
            IntervalPredictor(
                Array(rows.genomes.prefix(count)), values: Array(rows.values.prefix(count)), in: rows.space,
                level: level)
        }
        #expect(fit(9, level: 0.9) == nil && fit(10, level: 0.9) != nil && fit(12, level: 0.95) == nil)
        #expect(IntervalPredictor.leastRows(level: 0.95) == 19 && IntervalPredictor.leastRows(level: 0.9) == 10)
        #expect(PredictorTrial.crossValidated(rows.genomes, values: rows.values, in: rows.space, level: 0.9) == nil)
        #expect(
            PredictorTrial.learning(from: 12, draws: 1, rows.genomes, values: rows.values, in: rows.space, level: 0.9)
                == nil)
    }

    /// Ten equal rows but one: nine tenths and one more are all ten, so q is the largest share.
    @Test func halfWidthsByHand() throws {
        let rows = try Rows(10, noise: 0)
        let predictor = try #require(
            IntervalPredictor(rows.genomes, values: rows.values.map { _ in 2 }, in: rows.space))
        #expect(predictor.halfWidth < 1e-9)
        let prediction = predictor.prediction(of: rows.space.largest)
        #expect(abs(prediction.value - 2) < 1e-9)
    }
}
