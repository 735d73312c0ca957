internal import SearchSpaces
internal import Tensors

/// Bins of a number that no space can count, such as a latency: of equal width from the least to the greatest that random
/// architectures have, which are also what is drawn.
///
/// Of what is drawn from a bin each has the share that it has among uniform draws. A bin that none of so many falls into is empty.
struct MeasuredBins {
    /// Architectures that are drawn beforehand.
    private static let drawCount = 1 << 14
    /// Steps that the range is cut into, so that bins are those of whole costs.
    private static let resolution = 1 << 20
    /// The step of their random numbers: one that no training has.
    private static let step: UInt64 = 1 << 55

    /// The bins, in steps above the least number.
    let bins: CostBins
    /// The number in the middle of each bin.
    let targets: [Double]
    private let least: Double
    private let unit: Double
    private let values: [Genome: Double]
    private let value: (Genome) -> Double?
    private let members: [[Genome]]
    private let space: SearchSpace

    /// - Parameter value: The number of an architecture in canonical form, the same whenever it is asked for; nil where none is known.
    init(_ space: SearchSpace, count: Int, metric: Metric, seed: UInt64, value: @escaping (Genome) -> Double?) {
        var numbers = CounterGenerator(seed: seed, stream: .subnet, step: Self.step)
        let drawn =
            [space.smallest, space.largest].map(space.canonical)
            + (0..<Self.drawCount).map { _ in space.canonical(space.randomGenome(using: &numbers)) }
        var values: [Genome: Double] = [:]
        for genome in drawn where values[genome] == nil { values[genome] = value(genome) }
        let least = values.values.min() ?? 0, range = (values.values.max() ?? 0) - least
        let unit = range / Double(Self.resolution)
        let bins = CostBins(of: metric, count: count, from: 0, to: unit > 0 ? Self.resolution : 0)
        var members = [[Genome]](repeating: [], count: count)
        for genome in drawn {
            if let own = values[genome] { members[bins.bin(of: Self.cost(own, least, unit))].append(genome) }
        }
        self.bins = bins
        targets = (0..<count).map { least + (Double($0) + 0.5) * range / Double(count) }
        (self.least, self.unit, self.values, self.value, self.members) = (least, unit, values, value, members)
        self.space = space
    }

    /// The number of an architecture, in steps above the least.
    func cost(of genome: Genome) -> Int {
        let genome = space.canonical(genome)
        return Self.cost(values[genome] ?? value(genome) ?? least, least, unit)
    }

    private static func cost(_ value: Double, _ least: Double, _ unit: Double) -> Int {
        unit > 0 ? Int(min(max((value - least) / unit, 0), Double(resolution)).rounded()) : 0
    }

    /// An architecture of a bin; nil for one that is empty.
    func draw(_ bin: Int, using numbers: inout CounterGenerator) -> Genome? {
        members[bin].randomElement(using: &numbers)
    }
}
