internal import Foundation

extension ImageDataset {
    /// What is probably not meant, from counts of labels and one pass over all pixels.
    public func review() -> [DataWarning] {
        let training = PartStatistics(train), tested = PartStatistics(test)
        let far = Outliers(training: training, test: tested, split: split, isBytes: isBytes)
        // Both parts may be of one folder.
        let notes = train.notes + test.notes.filter { !train.notes.contains($0) }
        return notes + reviewLabels() + reviewSizes() + far.warnings
            + reviewScale(training, tested, far) + reviewContents(training, tested)
    }

    private var isBytes: Bool { if case .bytes = train.pixels { true } else { false } }

    // MARK: Labels

    private func reviewLabels() -> [DataWarning] {
        let known = train.classCounts()
        let inTraining = Self.counts(split.train, of: train)
        let present = inTraining.indices.filter { inTraining[$0] > 0 }
        var warnings: [DataWarning] = []
        if present.count == 1, train.classes > 1 {
            warnings.append(.oneClass(label: present[0], count: split.train.count, classes: train.classes))
        } else {
            warnings += missing(inTraining, .training, count: split.train.count) { _ in true }
        }
        // A class that there is nowhere was told of already.
        for (part, indices) in [(DataWarning.Part.validation, split.validation), (.sampler, split.sampler)]
        where !indices.isEmpty {
            warnings += missing(Self.counts(indices, of: train), part, count: indices.count) { known[$0] > 0 }
        }
        return warnings + missing(test.classCounts(), .test, count: test.count) { known[$0] > 0 }
    }

    private func missing(
        _ counts: [Int], _ part: DataWarning.Part, count: Int, isExpected: (Int) -> Bool
    ) -> [DataWarning] {
        let classes = (0..<train.classes).filter { isExpected($0) && (!counts.indices.contains($0) || counts[$0] == 0) }
        return classes.isEmpty
            ? [] : [.missingClasses(part, missing: classes.map(name), classes: train.classes, count: count)]
    }

    /// What warnings call a class.
    private func name(_ label: Int) -> String { train.classNames?[label] ?? String(label) }

    private static func counts(_ indices: [Int32], of images: ImageSet) -> [Int] {
        var counts = [Int](repeating: 0, count: images.classes)
        for index in indices { counts[Int(images.labels[Int(index)])] += 1 }
        return counts
    }

    private func reviewSizes() -> [DataWarning] {
        let left = split.train.count, classes = train.classCounts().count { $0 > 0 }
        return left * 5 < train.count || (left < 2 * classes && left < train.count)
            ? [.littleLeft(training: left, count: train.count, classes: classes)] : []
    }

    // MARK: Pixels

    /// Compares the means of images, and the logarithms of their deviations, which show a factor as well as an offset.
    private func reviewScale(_ training: PartStatistics, _ tested: PartStatistics, _ far: Outliers) -> [DataWarning] {
        func usual(_ part: PartStatistics, _ outliers: Set<Int>) -> (means: [Double], deviations: [Double]) {
            let kept = part.means.indices.filter { !outliers.contains($0) }
            return (kept.map { Double(part.means[$0]) }, kept.map { Double(part.deviations[$0]) })
        }
        let first = usual(training, far.training), second = usual(tested, far.test)
        guard !first.means.isEmpty, !second.means.isEmpty else { return [] }
        let content = Spread(first.deviations).mean
        let logs = Spread(first.deviations.filter { $0 > 0 }.map(log))
        let testLogs = Spread(second.deviations.filter { $0 > 0 }.map(log))
        let means = Spread(first.means), testMeans = Spread(second.means)
        // Images that were normalised one by one hardly differ from one another: rounding must not look like a distance.
        let distance = abs(testMeans.mean - means.mean) / max(means.deviation, content / 10, .leastNormalMagnitude)
        let factor =
            logs.count == 0 || testLogs.count == 0 ? 0 : abs(testLogs.mean - logs.mean) / max(logs.deviation, 0.1)
        // The fewer images there are, the farther off a sound sample may lie.
        let most = 3 + 10 / Double(min(first.means.count, second.means.count)).squareRoot()
        guard max(distance, factor) > most else { return [] }
        return [
            .otherScale(
                test: Self.scale(testMeans, Spread(second.deviations), tested),
                training: Self.scale(means, Spread(first.deviations), training))
        ]
    }

    private static func scale(_ means: Spread, _ deviations: Spread, _ part: PartStatistics) -> DataWarning.Scale {
        func short(_ value: Double) -> Float { Float(String(format: "%.3g", value)) ?? Float(value) }
        return DataWarning.Scale(
            mean: short(means.mean), deviation: short(deviations.mean), low: short(Double(part.range.lowerBound)),
            high: short(Double(part.range.upperBound)))
    }

    private func reviewContents(_ training: PartStatistics, _ tested: PartStatistics) -> [DataWarning] {
        var warnings: [DataWarning] = []
        if train.count > 1, Set(training.hashes).count == 1 { return [.sameImages(count: train.count)] }
        for (part, statistics) in [(DataWarning.Part.training, training), (.test, tested)] {
            let constant = statistics.isConstant.count { $0 }
            if constant > 0, constant * 1000 >= statistics.means.count {
                warnings.append(.constantImages(part, images: constant, count: statistics.means.count))
            }
        }
        let known = Set(training.hashes.indices.lazy.filter { !training.isConstant[$0] }.map { training.hashes[$0] })
        let shared = tested.hashes.count { known.contains($0) }
        if DataWarning.isTold(shared: shared, of: test.count) {
            warnings.append(.sharedImages(images: shared, count: test.count))
        }
        return warnings
    }
}

/// Mean and standard deviation of some numbers.
private struct Spread {
    let count: Int
    let mean: Double
    let deviation: Double

    init(_ values: [Double]) {
        count = values.count
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = (squares / Double(max(1, values.count))).squareRoot()
    }
}
