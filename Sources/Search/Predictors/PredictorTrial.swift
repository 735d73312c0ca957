internal import Foundation
public import SearchSpaces
internal import Tensors

/// How well a predictor does on rows that it has not learned from.
public struct PredictorTrial: Sendable, Hashable {
    /// Rows that were predicted, those of all draws counted.
    public private(set) var count = 0
    /// Those of them that lie within their interval.
    public private(set) var inside = 0
    /// The mean half width of the intervals, as a share of what is predicted.
    public var halfWidth: Double { halfWidths / Double(max(fits, 1)) }
    /// The mean absolute error, as a share of the true value.
    public var relativeError: Double { relative / Double(max(count, 1)) }
    /// The root of the mean squared error.
    public var rootMeanSquaredError: Double { (squares / Double(max(count, 1))).squareRoot() }
    /// Kendall's tau of what is predicted and what is true, in the mean over draws.
    public var tau: Double { taus / Double(max(draws, 1)) }

    private var relative = 0.0
    private var squares = 0.0
    private var taus = 0.0
    private var halfWidths = 0.0
    private var fits = 0
    private var draws = 0

    /// A row that was predicted without it.
    public struct Row: Sendable, Hashable {
        /// Its place.
        public let row: Int
        /// What was predicted.
        public let prediction: IntervalPredictor.Prediction
    }

    private static let folds = 5

    /// Predicts every row by what the four fifths that it is not in teach.
    ///
    /// Nil where four fifths are too few rows.
    public static func crossValidated(
        _ genomes: [Genome], values: [Double], in space: SearchSpace, level: Double,
        members: IntervalPredictor.Members = .ensemble
    ) -> (trial: PredictorTrial, rows: [Row])? {
        var trial = PredictorTrial(), rows: [Row] = []
        for fold in 0..<folds {
            let taught = genomes.indices.filter { $0 % folds != fold }
            guard
                let found = trial.predict(
                    genomes.indices.filter { $0 % folds == fold }, taught: taught, genomes, values, space, level,
                    members)
            else { return nil }
            rows += found
        }
        rows.sort { $0.row < $1.row }
        trial.taus = KendallTau.value(rows.map(\.prediction.value), rows.map { values[$0.row] })
        trial.draws = 1
        return (trial, rows)
    }

    /// Learns from so many rows, drawn at random, and predicts others, several times.
    ///
    /// Nil where there are not more rows than are learned from, or these are too few.
    /// - Parameter most: How many others are predicted at most.
    public static func learning(
        from size: Int, draws: Int, _ genomes: [Genome], values: [Double], in space: SearchSpace, level: Double,
        members: IntervalPredictor.Members = .ensemble, most: Int = 400
    ) -> PredictorTrial? {
        guard size < genomes.count else { return nil }
        var trial = PredictorTrial()
        for draw in 0..<draws {
            var generator = CounterGenerator(seed: UInt64(draw), stream: .split, step: 0)
            let order = Array(genomes.indices).shuffled(using: &generator)
            let asked = Array(order.dropFirst(size).prefix(most))
            guard
                let rows = trial.predict(
                    asked, taught: Array(order.prefix(size)), genomes, values, space, level, members)
            else { return nil }
            trial.taus += KendallTau.value(rows.map(\.prediction.value), rows.map { values[$0.row] })
            trial.draws += 1
        }
        return trial
    }

    private mutating func predict(
        _ asked: [Int], taught: [Int], _ genomes: [Genome], _ values: [Double], _ space: SearchSpace, _ level: Double,
        _ members: IntervalPredictor.Members
    ) -> [Row]? {
        guard
            let predictor = IntervalPredictor(
                taught.map { genomes[$0] }, values: taught.map { values[$0] }, in: space, level: level, members: members
            )
        else { return nil }
        halfWidths += predictor.halfWidth
        fits += 1
        return asked.map { row in
            let prediction = predictor.prediction(of: genomes[row]), error = prediction.value - values[row]
            count += 1
            if prediction.interval.contains(values[row]) { inside += 1 }
            relative += abs(error) / values[row]
            squares += error * error
            return Row(row: row, prediction: prediction)
        }
    }
}
