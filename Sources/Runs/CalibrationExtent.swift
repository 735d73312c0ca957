internal import Documents
public import SearchSpaces

/// On how many training examples the norms of a subnet are measured before it is itself, where its norms are over examples.
///
/// More make statistics better and cost a forward pass each: with 512 the accuracy of MNIST's networks is within 0.15 points of
/// that with more.
public struct CalibrationExtent: Sendable, Hashable {
    /// For candidates of a search; default 512.
    public let search: Int
    /// For finalists, and networks that are handed over; default 2048.
    public let finalists: Int

    /// What is usual.
    public static let usual = CalibrationExtent(search: 512, finalists: 2048)

    /// Creates an extent.
    public init(search: Int, finalists: Int) {
        self.search = search
        self.finalists = finalists
    }
}

extension RunSpecification {
    /// On how many examples norms are measured; without a meaning in spaces whose networks have none over examples.
    public var calibration: CalibrationExtent {
        CalibrationExtent(
            search: search?.calibration ?? CalibrationExtent.usual.search,
            finalists: finalistCalibration ?? CalibrationExtent.usual.finalists)
    }

    /// The run with what norms over examples need, where the space's networks have such.
    func settledNorms(in space: SearchSpace) -> RunSpecification {
        guard space.normalizesExamples, hasNetworks else { return self }
        var settled = self
        settled.train = train?.settled(in: space)
        settled.finalistTrainings = finalistTrainings.map { $0.settled(in: space) }
        if search != nil {
            settled.search?.calibration = calibration.search
            settled.finalistCalibration = calibration.finalists
        }
        return settled
    }

    /// Checks what the run says of norms over examples.
    ///
    /// - Throws: `RunError.unfitSetting` where the space's networks have none, and for shards that are too small for them.
    func checkNorms(in space: SearchSpace) throws(RunError) {
        for (key, value) in [
            ("search.calibration", search?.calibration), ("validate.calibration", finalistCalibration),
        ]
        where value != nil && !space.normalizesExamples {
            throw .unfitSetting(
                key: key, reason: "the networks of the space '\(space.name)' have no norms over examples to measure",
                remedy: "take it out")
        }
        try train?.checkShards(in: space, section: "train")
        for training in finalistTrainings { try training.train.checkShards(in: space, section: training.section) }
    }

    /// What about the run in a space is probably not meant.
    public func warnings(in space: SearchSpace) -> [String] {
        ([train?.shardWarning(in: space, section: "train")]
            + finalistTrainings.map { $0.train.shardWarning(in: space, section: $0.section) }).compactMap(\.self)
    }
}

extension SectionReader {
    /// The key `calibration`: examples that norms are measured on.
    func calibration() -> Int? { optional("calibration") { integer("calibration", in: 32...10_000_000) } }
}
