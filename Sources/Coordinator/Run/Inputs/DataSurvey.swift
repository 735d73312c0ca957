internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Training

/// What is to be loaded: the data that a run file names, and what they are for.
struct DataRequest {
    /// What the run file says.
    let settings: DataSettings
    /// The folder that file names are relative to.
    let folder: DataFolder
    /// What networks read and answer.
    let signature: ExampleSignature
    /// The seed of the splits.
    let seed: UInt64
    /// How rows of a table become inputs, where a network file says it.
    var encoding: TableEncoding?
    /// Names of the classes, where a network file says them.
    var classNames: [String]?
    /// Whether numbers of a table that 32 bits do not tell apart are read with 64, as earlier versions did not.
    var keepsDoubles = true

    /// The parts held out.
    var holdOut: HoldOut {
        HoldOut(
            validation: settings.holdOut.validation, sampler: settings.holdOut.sampler,
            isStratified: settings.holdOut.isStratified)
    }
}

/// Data before they are read: what headers and sizes of files say.
protocol DataSurvey {
    /// Bytes of memory that the data take at most.
    var memoryBytes: Int { get }
    /// Bytes that are kept of them in the data directory, once they are read.
    var cacheBytes: Int { get }
    /// What a person may want to know of them; nil for nothing.
    var remark: String? { get }

    /// Reads or generates the data.
    func load() throws -> any Dataset
}

extension DataSurvey {
    /// Nothing is the rule.
    var cacheBytes: Int { 0 }
}

/// Test data before they are read.
protocol TestSurvey {
    /// Bytes of memory that the data take at most.
    var memoryBytes: Int { get }

    /// Reads or generates the test examples.
    ///
    /// - Parameter normalization: What inputs were normalised by when the network was trained.
    func load(_ normalization: Normalization) throws -> TestData
}

/// Test data with what they ask of a network.
struct TestData {
    let examples: any Examples
    let goal: DataGoal
    /// What about them is probably not meant.
    var warnings: [DataWarning] = []
}

/// A format of data that can be loaded: each does it in a file of its own.
protocol LoadableFormat: DataFormat {
    /// Looks at headers and sizes, which is also what is wrong with the data by these.
    ///
    /// - Throws: `DatasetError` when a file is not there or its header is none, and for parts that do not go together or
    ///   leave nothing to train on; `TrainingError.dataMismatch` for examples that the space does not read.
    func survey(_ request: DataRequest) throws -> any DataSurvey
    /// Looks at headers and sizes of the test examples, and of no more than these need.
    ///
    /// - Throws: As `survey` does.
    func surveyTest(_ request: DataRequest) throws -> any TestSurvey
}

extension DataRequest {
    /// Looks at headers and sizes of all data.
    func survey() throws -> any DataSurvey { try format().survey(self) }

    /// Looks at headers and sizes of the test data alone.
    func surveyTest() throws -> any TestSurvey { try format().surveyTest(self) }

    private func format() throws(DatasetError) -> any LoadableFormat {
        guard let format = settings.source as? any LoadableFormat else {
            throw .unsupported(
                file: "data.format", expected: "a format that can be loaded", found: settings.source.name)
        }
        return format
    }
}

extension ExampleSignature {
    /// Checks that data are what a space reads and answers.
    ///
    /// - Parameter note: What may be why there is another number of inputs.
    /// - Throws: `TrainingError.dataMismatch`.
    func check(_ examples: any Examples, _ goal: DataGoal, note: @autoclosure () -> String? = nil) throws(TrainingError)
    {
        guard examples.shape.inputs == inputCount else {
            throw .dataMismatch(
                what: "number of inputs, with one for each category and for each column that misses values",
                expected: "\(inputCount)",
                found: "\(examples.shape.inputs)" + (note().map { " (\($0))" } ?? ""))
        }
        switch (goal, output) {
        case (.classes(let found), .classes(let expected)) where found != expected:
            throw .dataMismatch(what: "number of classes", expected: "\(expected)", found: "\(found)")
        case (.numbers(let found), .values(let expected)) where found.mean.count != expected:
            throw .dataMismatch(what: "number of targets", expected: "\(expected)", found: "\(found.mean.count)")
        case (.classes, .values(let expected)):
            throw .dataMismatch(what: "target", expected: "\(expected) numbers", found: "\(goal)")
        case (.numbers, .classes(let expected)):
            throw .dataMismatch(what: "target", expected: "one of \(expected) classes", found: "\(goal)")
        default: break
        }
    }
}
