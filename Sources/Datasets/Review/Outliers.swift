/// Images with values so far beyond those of the others that normalisation is of no use.
struct Outliers {
    /// Places of such training images, ascending in the warning.
    let training: Set<Int>
    /// Places of such test images.
    let test: Set<Int>
    /// The largest absolute value of a usual training image.
    private let usual: Float

    /// How many times the usual value is suspect, if it takes hold of the deviation that images are normalised by.
    private static let suspect: Float = 20
    /// How many times the usual value is beyond everything.
    private static let beyond: Float = 1000

    /// - Parameter isBytes: Whether values are bytes, of which none is far from the others.
    init(training: PartStatistics, test: PartStatistics, isBytes: Bool) {
        let usual = isBytes ? 0 : training.peaks.sorted()[training.peaks.count / 2]
        self.usual = usual
        guard usual > 0 else {
            (self.training, self.test) = ([], [])
            return
        }
        let suspects = Self.places(training.peaks, above: Self.suspect * usual)
        self.training = Self.takeHold(suspects, of: training) ? suspects : []
        self.test = Self.places(test.peaks, above: Self.beyond * usual)
    }

    /// A warning for each part that has some.
    func warnings(training: PartStatistics, test: PartStatistics) -> [DataWarning] {
        [(DataWarning.Part.training, self.training, training), (.test, self.test, test)].compactMap {
            part, places, statistics in
            guard let first = places.min(), let value = places.map({ statistics.peaks[$0] }).max() else { return nil }
            return .outliers(
                part, images: places.count, count: statistics.peaks.count, first: first, value: value, usual: usual)
        }
    }

    /// The places of peaks above a bound; none where they are many, which is another scale and no outlier.
    private static func places(_ peaks: [Float], above bound: Float) -> Set<Int> {
        let places = peaks.indices.filter { peaks[$0] > bound }
        return places.count * 10 <= max(10, peaks.count) ? Set(places) : []
    }

    /// Whether the deviation of all values is more than twice that of all without the suspects.
    private static func takeHold(_ suspects: Set<Int>, of part: PartStatistics) -> Bool {
        guard !suspects.isEmpty else { return false }
        func variance(_ places: [Int]) -> Double {
            let mean = places.reduce(0.0) { $0 + Double(part.means[$1]) } / Double(places.count)
            return places.reduce(0.0) { sum, place in
                let offset = Double(part.means[place]) - mean, deviation = Double(part.deviations[place])
                return sum + offset * offset + deviation * deviation
            } / Double(places.count)
        }
        let rest = part.means.indices.filter { !suspects.contains($0) }
        return rest.isEmpty ? false : variance(Array(part.means.indices)) > 4 * variance(rest)
    }
}
