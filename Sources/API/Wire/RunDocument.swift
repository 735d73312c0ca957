/// `GET /v1/runs/{id}`, and the answer to every request that changes a run.
public struct RunDocument: Codable, Sendable, Hashable {
    /// What the search makes better or keeps to.
    public struct Goal: Codable, Sendable, Hashable {
        /// The name of a metric of the run.
        public var metric: String
        /// `maximize` or `minimize`; nil for a constraint.
        public var goal: String?
        /// The upper bound of a constraint.
        public var atMost: Double?
        /// The lower bound of a constraint.
        public var atLeast: Double?
        /// What an objective must be better by to count as better; nil for anything.
        public var noise: Double?
        /// From where on an objective is reached; nil for never.
        public var target: Double?
        /// What a unit is worth where objectives are added up.
        public var weight: Double?

        /// Creates a goal.
        public init(
            metric: String, goal: String? = nil, atMost: Double? = nil, atLeast: Double? = nil, noise: Double? = nil,
            target: Double? = nil, weight: Double? = nil
        ) {
            self.metric = metric
            self.goal = goal
            self.noise = noise
            self.target = target
            self.weight = weight
            self.atMost = atMost
            self.atLeast = atLeast
        }
    }

    /// A property of candidates that the run declares.
    public struct Metric: Codable, Sendable, Hashable {
        /// Such as `accuracy`.
        public var name: String
        /// Such as `bytes`; empty for a plain number.
        public var unit: String
        /// `cost`, `quality` or `latency`.
        public var kind: String
        /// `maximize` or `minimize`: the usual direction.
        public var goal: String
        /// The values' ends; nil where there is none.
        public var least: Double?
        /// As `least`.
        public var most: Double?
        /// The names of its values: its own, and those of finalists on all validation data and on test data.
        public var values: [String]

        /// Creates a metric.
        public init(
            name: String, unit: String, kind: String, goal: String, least: Double?, most: Double?, values: [String]
        ) {
            self.name = name
            self.unit = unit
            self.kind = kind
            self.goal = goal
            self.least = least
            self.most = most
            self.values = values
        }
    }

    /// What of a run can be changed, and what it comes to.
    public struct Limits: Codable, Sendable, Hashable {
        /// Evaluations of the last round.
        public var evaluations: Int
        /// Worker threads that it gets.
        public var workers: Int
        /// Worker threads that it asks for; nil for as many as there are.
        public var workersAsked: Int?
        /// Larger is sooner.
        public var priority: Int

        /// Creates limits.
        public init(evaluations: Int, workers: Int, workersAsked: Int?, priority: Int) {
            self.evaluations = evaluations
            self.workers = workers
            self.workersAsked = workersAsked
            self.priority = priority
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Run`.
    public var kind = "Run"
    /// The run.
    public var run: RunItem
    /// Its objectives, the first is the one that `best` goes by.
    public var objectives: [Goal]
    /// Its constraints.
    public var constraints: [Goal]
    /// All that its candidates may have a value of; nil of a daemon that does not say, and where nobody can read the run's file.
    public var metrics: [Metric]?
    /// How subnets are drawn for training, such as `sandwich`.
    public var sampler: String
    /// Its rounds so far.
    public var rounds: [RoundItem]
    /// The complete run file, as YAML.
    public var specification: String
    /// The complete space file, as YAML.
    public var space: String
    /// With what it is computed: kernels, vector path, evaluation chunk and a digest of the kernels; empty before it
    /// started.
    public var numerics: String
    /// What of it can be changed; nil for a run whose file nobody can read, and of daemons before there was this.
    public var limits: Limits?
    /// What about its data is probably not meant; empty before it started, nil of a daemon that does not look.
    public var warnings: [String]?

    /// Creates a document.
    public init(
        run: RunItem, objectives: [Goal], constraints: [Goal], sampler: String, rounds: [RoundItem],
        specification: String, space: String, numerics: String, limits: Limits? = nil, warnings: [String]? = nil,
        metrics: [Metric]? = nil
    ) {
        self.run = run
        self.objectives = objectives
        self.constraints = constraints
        self.sampler = sampler
        self.rounds = rounds
        self.specification = specification
        self.space = space
        self.numerics = numerics
        self.limits = limits
        self.warnings = warnings
        self.metrics = metrics
    }
}

/// A search round.
public struct RoundItem: Codable, Sendable, Hashable {
    /// Its number, from 0.
    public var round: Int
    /// The training step of its weights.
    public var weightsStep: Int
    /// `running` or `completed`.
    public var state: String
    /// Evaluations so far.
    public var evaluations: Int
    /// The hypervolume, when known.
    public var hypervolume: Double?

    /// Creates a round.
    public init(round: Int, weightsStep: Int, state: String, evaluations: Int, hypervolume: Double? = nil) {
        self.round = round
        self.weightsStep = weightsStep
        self.state = state
        self.evaluations = evaluations
        self.hypervolume = hypervolume
    }
}

/// The body of `PATCH /v1/runs/{id}`: what of a run may still be changed; keys that are absent stay as they are.
public struct RunLimits: Codable, Sendable, Hashable {
    /// Evaluations of the last round; possible until that round begins.
    public var evaluations: Int?
    /// Worker threads; the result does not depend on them.
    public var workers: Int?
    /// Larger is sooner in the queue.
    public var priority: Int?

    /// Creates limits.
    public init(evaluations: Int? = nil, workers: Int? = nil, priority: Int? = nil) {
        self.evaluations = evaluations
        self.workers = workers
        self.priority = priority
    }
}

/// The answer to `POST /v1/runs?dryRun=true`: what a submission would take. Nothing is stored.
public struct SubmissionEstimate: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `SubmissionEstimate`.
    public var kind = "SubmissionEstimate"
    /// The run's name.
    public var name: String
    /// The name of its space.
    public var space: String
    /// How many architectures the space has, in words such as `1,791,153`.
    public var architectures: String
    /// Bytes of memory at most.
    public var memoryBytes: Int
    /// Bytes of disk at most.
    public var diskBytes: Int
    /// The complete run file, every default filled, as YAML.
    public var specification: String

    /// Creates an estimate.
    public init(
        name: String, space: String, architectures: String, memoryBytes: Int, diskBytes: Int, specification: String
    ) {
        self.name = name
        self.space = space
        self.architectures = architectures
        self.memoryBytes = memoryBytes
        self.diskBytes = diskBytes
        self.specification = specification
    }
}
