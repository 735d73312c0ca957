/// Images with values so far beyond those of the others that normalisation is of no use.
struct Outliers {
    /// Places of such images among those of the training file, of whatever part.
    let training: Set<Int>
    /// Places of such test images.
    let test: Set<Int>
    /// What there is to tell of, part by part.
    let warnings: [DataWarning]

    /// How many times the usual value is suspect, if it takes hold of the deviation that images are normalised by.
    private static let suspect: Float = 20
    /// How many times the usual value is beyond everything.
    private static let beyond: Float = 1000

    /// - Parameters:
    ///   - split: Which images of the training file are trained on: these alone are what is normalised by.
    ///   - isBytes: Whether values are bytes, of which none is far from the others.
    init(training: PartStatistics, test: PartStatistics, split: Split, isBytes: Bool) {
        // Blank images, of which there may be many, tell nothing of what is usual.
        let peaks = isBytes ? [] : training.peaks.filter { $0 > 0 }.sorted()
        guard !peaks.isEmpty else {
            (self.training, self.test, warnings) = ([], [], [])
            return
        }
        let usual = peaks[peaks.count / 2]
        let trained = split.train.map(Int.init)
        let suspects = Self.places(trained, of: training, above: Self.suspect * usual)
        var found: [(part: DataWarning.Part, places: [Int], count: Int)] = [
            (.training, Self.takeHold(suspects, of: training, among: trained) ? suspects : [], trained.count)
        ]
        for (part, indices) in [(DataWarning.Part.validation, split.validation), (.sampler, split.sampler)] {
            let places = Self.places(indices.map(Int.init), of: training, above: Self.beyond * usual)
            found.append((part, places, indices.count))
        }
        let tested = Self.places(Array(test.peaks.indices), of: test, above: Self.beyond * usual)
        self.training = Set(found.flatMap(\.places))
        self.test = Set(tested)
        warnings = (found + [(.test, tested, test.peaks.count)]).compactMap { part, places, count in
            let statistics = part == .test ? test : training
            guard let first = places.min(), let value = places.map({ statistics.peaks[$0] }).max() else { return nil }
            return .outliers(part, images: places.count, count: count, first: first, value: value, usual: usual)
        }
    }

    /// The places of peaks above a bound; none where they are many, which is another scale and no outlier.
    private static func places(_ indices: [Int], of part: PartStatistics, above bound: Float) -> [Int] {
        let places = indices.filter { part.peaks[$0] > bound }
        return places.count * 10 <= max(10, indices.count) ? places : []
    }

    /// Whether the deviation of all values is more than twice that of all without the suspects.
    private static func takeHold(_ suspects: [Int], of part: PartStatistics, among indices: [Int]) -> Bool {
        guard !suspects.isEmpty else { return false }
        func variance(_ places: [Int]) -> Double {
            let mean = places.reduce(0.0) { $0 + Double(part.means[$1]) } / Double(places.count)
            return places.reduce(0.0) { sum, place in
                let offset = Double(part.means[place]) - mean, deviation = Double(part.deviations[place])
                return sum + offset * offset + deviation * deviation
            } / Double(places.count)
        }
        let far = Set(suspects), rest = indices.filter { !far.contains($0) }
        return rest.isEmpty ? false : variance(indices) > 4 * variance(rest)
    }
}
