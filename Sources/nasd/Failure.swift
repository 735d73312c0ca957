internal import API
internal import Coordinator
internal import Daemon
internal import Datasets
internal import Documents
internal import Exporters
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training
internal import UserFiles

/// A failure that ends the program: what to print on standard error and the code to end with.
struct Failure: Error {
    let code: ExitStatus
    let message: String

    init(code: ExitStatus, message: String) {
        self.code = code
        self.message = message
    }

    /// The failure that any error of the libraries means; the one place that maps errors to exit codes.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as any UserInputError: self.init(code: error.exitStatus, message: error.line)
        case let error as UserFileError: self.init(code: error.exitStatus, message: "error: \(error)")
        case let error as StoreError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as DatasetError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as TensorFileError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as CoordinatorError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as SearchArmError: self.init(code: .usage, message: "error: \(error)")
        case let error as SamplerComparisonError: self.init(code: .usage, message: "error: \(error)")
        case let error as ConfigurationError: self.init(code: .usage, message: "\(error)")
        case let error as WebhookError: self.init(code: .usage, message: "error: \(error)")
        case let error as DaemonError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as ThreadError: self.init(code: .failure, message: "error: \(error)")
        case let error as LatencyError: self.init(code: Self.code(of: error), message: "error: \(error)")
        case let error as ExportError: self.init(code: error.isFault ? .failure : .usage, message: "error: \(error)")
        case let error as TrainingError: self.init(code: .usage, message: "error: \(error)")
        default: self.init(code: .failure, message: "error: \(error)")
        }
    }

    /// Runs a command's body and maps whatever it throws.
    static func catching<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
        do {
            return try body()
        } catch {
            throw Failure(error)
        }
    }

    private static func code(of error: DatasetError) -> ExitStatus {
        switch error {
        case .missingFile: .notFound
        case .noRoom: .failure
        default: .usage
        }
    }

    private static func code(of error: CoordinatorError) -> ExitStatus {
        switch error {
        case .otherRun, .otherData, .otherNumerics, .tooLate, .busy, .otherRecipe, .gapInUse,
            .noUsableCheckpoint, .openBudget, .openSource:
            .conflict
        case .uncomputable, .unknownCost, .noNetworks, .noData, .noEvaluator, .noWorkers, .budgetTooSmall, .damagedGap,
            .otherSupernet,
            .noRecipe:
            .usage
        case .noDataFolder, .noSupernet, .noSuchStep, .noSuchCandidate: .notFound
        case .diverged, .nothingFeasible, .noSlotLeft, .workerTraining, .fewMeasured: .runFailed
        case .littleDisk, .littleMemory, .manyScores, .aboveLimit, .noMemoryNow: .failure
        }
    }

    private static func code(of error: LatencyError) -> ExitStatus {
        switch error {
        case .otherMeasurements: .conflict
        case .notPinned: .failure
        default: .usage
        }
    }

    private static func code(of error: DaemonError) -> ExitStatus {
        switch error {
        case .socketInUse, .notASocket: .conflict
        case .noSuchGroup, .cannotListen: .failure
        }
    }

    private static func code(of error: TensorFileError) -> ExitStatus {
        switch error {
        case .unreadable: .notFound
        case .damaged, .foreign, .mismatch: .usage
        }
    }

    private static func code(of error: StoreError) -> ExitStatus {
        switch error {
        case .locked, .ambiguousRun, .conflictingReplay, .otherSubmission: .conflict
        case .noSuchRun, .noSuchEndpoint: .notFound
        default: .failure
        }
    }
}
