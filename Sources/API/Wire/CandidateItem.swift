public import Foundation

/// A candidate with everything measured of it; the names are the columns of the CSV.
///
/// A metric that has no field of its own is in ``metrics``; fields are those that there were before there was that.
public struct CandidateItem: Codable, Sendable, Hashable {
    /// 1… per run, in ask order.
    public var candidate: Int
    /// Equal for equal architectures.
    public var key: String
    /// Such as `embed=96;depth=5;heads=3,2,4,3,2;mlpRatio=2,4,3,3,2`.
    public var genome: String
    /// How the search came to it, such as `mutation`.
    public var origin: String
    /// The round that asked.
    public var round: Int
    /// The training step of the weights it is measured on.
    public var weightsStep: Int
    /// `pending`, `completed` or `failed: …`.
    public var state: String
    /// Whether it keeps to every constraint; nil while unknown.
    public var feasible: Bool?
    /// By how much it breaks the constraints; nil while unknown.
    public var violation: Double?
    /// Share classified correctly, 0 to 1, on the search's samples.
    public var accuracy: Double?
    /// Mean loss on the search's samples.
    public var loss: Double?
    /// On how many samples.
    public var samples: Int?
    /// Parameters; nil where nobody knows them, or a whole number does not say them.
    public var params: Int?
    /// Multiply-adds of one example; nil where nobody knows them, or a whole number does not say them.
    public var multiplyAdds: Int?
    /// Milliseconds of one forward pass, when measured or predicted.
    public var latencyMilliseconds: Double?
    /// How the latency came about.
    public var latencyKind: String?
    /// Whether no other candidate of the same weights dominates it.
    public var onFront: Bool
    /// Share classified correctly of the whole validation split; finalists only.
    public var validationAccuracy: Double?
    /// Share classified correctly of the test split; finalists only.
    public var testAccuracy: Double?
    /// When it was measured; nil while it is not.
    public var measured: Date?
    /// Every further value by its name, such as `activationBytes`, `testRmse`, or `params` in millions; nil where there is none.
    public var metrics: [String: Double]?

    /// Creates an item.
    public init(
        candidate: Int, key: String, genome: String, origin: String, round: Int, weightsStep: Int, state: String,
        feasible: Bool?, violation: Double?, accuracy: Double?, loss: Double?, samples: Int?, params: Int?,
        multiplyAdds: Int?, latencyMilliseconds: Double?, latencyKind: String?, onFront: Bool,
        validationAccuracy: Double?, testAccuracy: Double?, measured: Date?, metrics: [String: Double]? = nil
    ) {
        self.candidate = candidate
        self.key = key
        self.genome = genome
        self.origin = origin
        self.round = round
        self.weightsStep = weightsStep
        self.state = state
        self.feasible = feasible
        self.violation = violation
        self.accuracy = accuracy
        self.loss = loss
        self.samples = samples
        self.params = params
        self.multiplyAdds = multiplyAdds
        self.latencyMilliseconds = latencyMilliseconds
        self.latencyKind = latencyKind
        self.onFront = onFront
        self.validationAccuracy = validationAccuracy
        self.testAccuracy = testAccuracy
        self.measured = measured
        self.metrics = metrics
    }

    /// The names of the values that have a field of their own.
    public static let namesOfFields = [
        "accuracy", "loss", "params", "multiplyAdds", "latencyMilliseconds", "validationAccuracy", "testAccuracy",
    ]

    /// A value by its name; nil where there is none.
    public func value(of name: String) -> Double? {
        switch name {
        case "accuracy": accuracy
        case "loss": loss
        case "params": params.map(Double.init) ?? metrics?[name]
        case "multiplyAdds": multiplyAdds.map(Double.init) ?? metrics?[name]
        case "latencyMilliseconds": latencyMilliseconds
        case "validationAccuracy": validationAccuracy
        case "testAccuracy": testAccuracy
        default: metrics?[name]
        }
    }
}

/// `GET /v1/runs/{id}/candidates` and `…/front`.
public struct CandidateList: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `CandidateList`.
    public var kind = "CandidateList"
    /// The run's id.
    public var run: String
    /// The candidates.
    public var candidates: [CandidateItem]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a list.
    public init(run: String, candidates: [CandidateItem], next: String? = nil) {
        self.run = run
        self.candidates = candidates
        self.next = next
    }
}

/// `GET /v1/runs/{id}/best`.
public struct CandidateDocument: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Candidate`.
    public var kind = "Candidate"
    /// The run's id.
    public var run: String
    /// The candidate.
    public var candidate: CandidateItem

    /// Creates a document.
    public init(run: String, candidate: CandidateItem) {
        self.run = run
        self.candidate = candidate
    }
}
