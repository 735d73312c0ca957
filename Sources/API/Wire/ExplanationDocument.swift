internal import Foundation

/// `GET /v1/runs/{id}/candidates/{candidate}`: why a candidate was asked, what it cost, and who dominates it.
public struct ExplanationDocument: Codable, Sendable, Hashable {
    /// What was predicted of an objective before it was measured.
    public struct Prediction: Codable, Sendable, Hashable {
        /// The name of the metric.
        public var metric: String
        /// The expected value.
        public var mean: Double
        /// The standard deviation of the prediction.
        public var spread: Double
        /// What was measured then; nil where nothing was.
        public var measured: Double?

        /// Creates a prediction.
        public init(metric: String, mean: Double, spread: Double, measured: Double?) {
            self.metric = metric
            self.mean = mean
            self.spread = spread
            self.measured = measured
        }
    }

    /// How the search came to a candidate.
    public struct Asked: Codable, Sendable, Hashable {
        /// The generation of its round, from 0.
        public var generation: Int
        /// The operator, as `origin` of the candidate.
        public var `operator`: String
        /// What it was made of; of one that is measured anew, itself in the round before.
        public var parents: [CandidateItem]
        /// What it was taken for among many that were predicted: `hypervolume`, `objective` or `uncertainty`.
        public var aim: String?
        /// Whether it was moved into the windows of constraints on exact costs.
        public var repaired: Bool
        /// What was predicted of it.
        public var predictions: [Prediction]

        /// Creates a reason.
        public init(
            generation: Int, operator: String, parents: [CandidateItem], aim: String?, repaired: Bool,
            predictions: [Prediction]
        ) {
            self.generation = generation
            self.operator = `operator`
            self.parents = parents
            self.aim = aim
            self.repaired = repaired
            self.predictions = predictions
        }
    }

    /// What measuring it took.
    public struct Measuring: Codable, Sendable, Hashable {
        /// Its share of the seconds that its companions and it took; nil where that was not noted.
        public var seconds: Double?
        /// How many were measured together; nil with the seconds.
        public var together: Int?
        /// Examples that it was measured on.
        public var samples: Int?

        /// Creates a cost.
        public init(seconds: Double?, together: Int?, samples: Int?) {
            self.seconds = seconds
            self.together = together
            self.samples = samples
        }
    }

    /// What the space left open, and what the candidate has of it.
    public struct Decision: Codable, Sendable, Hashable {
        /// Such as `heads`.
        public var name: String
        /// Where it applies: `network`, `stage.N` or `block.N`.
        public var scope: String
        /// What could be chosen, as genomes have it.
        public var options: [String]
        /// The place of what was chosen, from 0.
        public var chosen: Int
        /// Whether neighbouring options are alike, as sizes are.
        public var isOrdinal: Bool
        /// Whether it counts under the other choices.
        public var isActive: Bool

        /// Creates a decision.
        public init(name: String, scope: String, options: [String], chosen: Int, isOrdinal: Bool, isActive: Bool) {
            self.name = name
            self.scope = scope
            self.options = options
            self.chosen = chosen
            self.isOrdinal = isOrdinal
            self.isActive = isActive
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Explanation`.
    public var kind = "Explanation"
    /// The run's id.
    public var run: String
    /// The names of the run's objectives.
    public var objectives: [String]
    /// The candidate.
    public var candidate: CandidateItem
    /// How the search came to it; nil for one that an earlier version asked for.
    public var asked: Asked?
    /// What measuring it took.
    public var measuring: Measuring
    /// The hypervolume of the front with it and all before it; nil where nobody tells it.
    public var hypervolume: Double?
    /// How much of that it added.
    public var gain: Double?
    /// How many feasible candidates on the same weights dominate it; nil while it has no figures.
    public var dominators: Int?
    /// Those of them that are nearest in the objectives.
    public var nearest: [CandidateItem]
    /// How many candidates on the same weights it dominates; nil while it has no figures.
    public var dominates: Int?
    /// The first of the candidates that were made of it; nil of a daemon before there was this.
    public var children: [CandidateItem]?
    /// How many were made of it; nil with them.
    public var childCount: Int?
    /// What the space left open, in the order of genomes; nil of a daemon before there was this.
    public var decisions: [Decision]?

    /// Creates a document.
    public init(
        run: String, objectives: [String], candidate: CandidateItem, asked: Asked?, measuring: Measuring,
        hypervolume: Double?, gain: Double?, dominators: Int?, nearest: [CandidateItem], dominates: Int?,
        children: [CandidateItem]? = nil, childCount: Int? = nil, decisions: [Decision]? = nil
    ) {
        self.run = run
        self.objectives = objectives
        self.candidate = candidate
        self.asked = asked
        self.measuring = measuring
        self.hypervolume = hypervolume
        self.gain = gain
        self.dominators = dominators
        self.nearest = nearest
        self.dominates = dominates
        self.children = children
        self.childCount = childCount
        self.decisions = decisions
    }
}

extension ExplanationDocument {
    /// What it says, for people: names and values.
    public var lines: [(name: String, value: String)] {
        var lines = [
            ("candidate", "\(candidate.candidate)"), ("genome", candidate.genome), ("state", candidate.state),
            ("on front", candidate.onFront ? "yes" : "no"),
        ]
        if candidate.feasible == false {
            lines.append(("violation", candidate.violation.map(Self.number) ?? "-"))
        }
        lines += objectives.map { ($0, candidate.value(of: $0).map(Self.number) ?? "-") }
        lines.append(("asked as", Self.name(candidate.origin)))
        if let asked {
            lines.append(("when", "generation \(asked.generation) of round \(candidate.round)"))
            let parents = asked.parents.map(brief)
            if !parents.isEmpty {
                lines.append((candidate.origin == "elite" ? "was" : "parents", parents.joined(separator: ", ")))
            }
            if let aim = asked.aim { lines.append(("chosen for", Self.name(aim))) }
            if asked.repaired { lines.append(("moved", "into the bounds of exact costs")) }
            lines += asked.predictions.map { prediction in
                let measured = prediction.measured.map { ", measured \(Self.number($0))" } ?? ""
                return (
                    "predicted",
                    "\(prediction.metric) \(Self.number(prediction.mean)) ± \(Self.number(prediction.spread))\(measured)"
                )
            }
        } else {
            lines.append(("when", "round \(candidate.round); an earlier version asked, and noted no more"))
        }
        if let seconds = measuring.seconds, let together = measuring.together {
            let whole = together > 1 ? ", of \(Self.number(seconds * Double(together))) s for \(together) together" : ""
            lines.append(("took", "\(Self.number(seconds)) s\(whole)"))
        }
        if let samples = measuring.samples { lines.append(("samples", "\(samples)")) }
        if let hypervolume {
            lines.append(
                (
                    "hypervolume",
                    Self.number(hypervolume) + (gain.map { ", of which it added \(Self.number($0))" } ?? "")
                ))
        }
        if let dominates { lines.append(("dominates", "\(dominates)")) }
        if let dominators { lines.append(("dominated by", "\(dominators)")) }
        lines += nearest.map { ("nearest", brief($0)) }
        return lines
    }

    /// A candidate in a few words.
    private func brief(_ item: CandidateItem) -> String {
        let values = objectives.compactMap { name in item.value(of: name).map { "\(name) \(Self.number($0))" } }
        return "\(item.candidate)" + (values.isEmpty ? "" : " (\(values.joined(separator: ", ")))")
    }

    /// A word of the API in words of people.
    private static func name(_ word: String) -> String {
        switch word {
        case "hypervolume": "the hypervolume that it was expected to add"
        case "objective": "the first objective that is measured, alone"
        case "uncertainty": "unsure predictions"
        case "elite": "elite: a survivor of the round before, measured anew"
        case "seed": "seed: an end of the space, or what the sampler held for good"
        case "random": "random: drawn"
        case "predicted": "predicted: the best of many by what was predicted"
        default: word
        }
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return "\(whole)" }
        return String(format: abs(value) >= 1e6 ? "%.0f" : "%.5g", value)
    }
}

/// `GET /v1/runs/{id}/curve`: how the front grew, evaluation by evaluation.
public struct CurveDocument: Codable, Sendable, Hashable {
    /// The front after an evaluation.
    public struct Point: Codable, Sendable, Hashable {
        /// The candidate that was measured last.
        public var candidate: Int
        /// Its round.
        public var round: Int
        /// The training step of the weights.
        public var weightsStep: Int
        /// The hypervolume of the front on these weights; nil where nobody tells it.
        public var hypervolume: Double?

        /// Creates a point.
        public init(candidate: Int, round: Int, weightsStep: Int, hypervolume: Double?) {
            self.candidate = candidate
            self.round = round
            self.weightsStep = weightsStep
            self.hypervolume = hypervolume
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Curve`.
    public var kind = "Curve"
    /// The run's id.
    public var run: String
    /// The points, in ask order.
    public var points: [Point]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a document.
    public init(run: String, points: [Point], next: String? = nil) {
        self.run = run
        self.points = points
        self.next = next
    }
}
