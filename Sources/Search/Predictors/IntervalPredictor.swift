internal import Foundation
public import SearchSpaces
internal import Tensors

/// Predicts a positive number of architectures, such as a latency, with an interval around it.
///
/// The predictors are those of a search (``QualityPredictor``), over the decisions and, beside them, the exact costs of the space. The
/// interval is conformal: `p (1 - q)` to `p (1 + q)`, where q is the smallest share that so many of the rows, `level` of them and one
/// more than there are, keep to when each is predicted without it. Where new architectures come from where the rows do, that share of
/// them lies within; how many do is told by ``PredictorTrial``.
///
/// Source: Barber et al., "Predictive inference with the jackknife+" (Annals of Statistics, 2021), the jackknife; relative errors
/// as scores: Lei et al., "Distribution-free predictive inference for regression" (JASA, 2018), section 5.2.
public struct IntervalPredictor: Sendable {
    /// A prediction.
    public struct Prediction: Sendable, Hashable {
        /// What is expected, above 0.
        public let value: Double
        /// The ends between which it is expected.
        public let interval: ClosedRange<Double>
    }

    /// Which predictors take part.
    public enum Members: String, Sendable, Hashable, CaseIterable {
        /// Ridge regression, a Gaussian process and boosted stumps, by how well they predict rows that were left out.
        case ensemble
        /// Ridge regression alone.
        case ridge
    }

    /// The most rows that are learned from, which takes some seconds; of more every so many-th.
    public static let mostRows = 2000

    /// The fewest rows that an interval of a level is told of.
    public static func leastRows(level: Double) -> Int { max(10, Int((level / (1 - level)).rounded(.up))) }

    /// q: half the width of the interval, as a share of what is predicted.
    public let halfWidth: Double
    private let features: PredictorFeatures
    private let predictor: QualityPredictor
    private let least: Double

    /// Learns from rows, a value above 0 for each architecture.
    ///
    /// Nil for fewer rows than ``leastRows(level:)`` and for a space without decisions.
    public init?(
        _ all: [Genome], values known: [Double], in space: SearchSpace, level: Double = 0.9,
        members: Members = .ensemble
    ) {
        precondition(all.count == known.count, "each row has a value")
        let count = min(all.count, Self.mostRows), places = (0..<count).map { $0 * all.count / max(count, 1) }
        let genomes = places.map { all[$0] }, values = places.map { known[$0] }
        precondition((0..<1).contains(level) && values.allSatisfy { $0 > 0 }, "values above 0 and a level below 1")
        features = PredictorFeatures(space)
        guard genomes.count >= Self.leastRows(level: level), features.count > 0,
            case let matrix = features.matrix(genomes), let basis = RidgeBasis(matrix)
        else { return nil }
        predictor = QualityPredictor(
            matrix, basis: basis, groups: features.groups, decisionGroups: features.decisionGroups, targets: values,
            members: members == .ridge ? [.ridge] : Set(QualityPredictor.Member.allCases))
        least = 1e-3 * (values.min() ?? 1)
        let scores = zip(predictor.leftOut, values).map { [least] in abs($1 - $0) / max($0, least) }.sorted()
        let place = Int((level * Double(scores.count + 1)).rounded(.up))
        let width = scores[min(max(place, 1), scores.count) - 1]
        halfWidth = width.isFinite ? width : .greatestFiniteMagnitude
    }

    /// What is predicted of an architecture: always the same, whatever was asked before.
    public func prediction(of genome: Genome) -> Prediction {
        let mean = predictor.means(of: features.matrix([genome]))[0]
        let value = max(mean.isFinite ? mean : least, least)
        return Prediction(value: value, interval: value * max(0, 1 - halfWidth)...value * (1 + halfWidth))
    }
}

/// Architectures as numbers: their decisions (``GenomeEncoding``), and behind them their exact costs, where the space has any.
struct PredictorFeatures: Sendable {
    let groups: [Range<Int>]
    let decisionGroups: Int
    let count: Int
    private let space: SearchSpace
    private let encoding: GenomeEncoding
    /// The least of each cost, and what makes its range as wide as sums over decisions are.
    private let costs: [(least: Double, scale: Double)]

    init(_ space: SearchSpace) {
        self.space = space
        encoding = GenomeEncoding(space)
        let low = space.cost(of: space.smallest).values, high = space.cost(of: space.largest).values
        let width = Double(max(space.decisions.count, 1)).squareRoot()
        costs = zip(low, high).map { ($0.0 < $0.1) ? (Double($0.0), width / Double($0.1 - $0.0)) : (Double($0.0), 0) }
        count = encoding.count + costs.count
        groups = encoding.groups + (costs.isEmpty ? [] : [encoding.count..<encoding.count + costs.count])
        decisionGroups = encoding.decisionGroups
    }

    /// The numbers of architectures, (architecture, number).
    func matrix(_ genomes: [Genome]) -> DenseMatrix {
        DenseMatrix(
            genomes.map { genome in
                encoding.encode(genome)
                    + zip(space.cost(of: genome).values, costs).map { (Double($0) - $1.least) * $1.scale }
            }, columns: count)
    }
}
