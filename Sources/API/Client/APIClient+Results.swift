internal import HTTPClient
public import SearchSpaces

extension APIClient {
    /// A page of candidates, in ask order unless sorted.
    ///
    /// - Parameters:
    ///   - sort: A column, with `-` before it for descending order.
    ///   - filter: Conditions such as `accuracy>=0.97,state=completed`.
    public func candidates(
        of run: String, limit: Int? = nil, cursor: String? = nil, sort: String? = nil, filter: String? = nil
    ) throws(APIClientError) -> CandidateList {
        try document(
            Message(
                path: ["v1", "runs", run, "candidates"],
                query: [("limit", limit.map(String.init)), ("cursor", cursor), ("sort", sort), ("filter", filter)]))
    }

    /// The candidates that no other dominates, of one round or of the newest weights.
    public func front(of run: String, round: Int? = nil) throws(APIClientError) -> CandidateList {
        try document(Message(path: ["v1", "runs", run, "front"], query: [("round", round.map(String.init))]))
    }

    /// The best candidate by the first objective.
    public func best(of run: String) throws(APIClientError) -> CandidateDocument {
        try document(Message(path: ["v1", "runs", run, "best"]))
    }

    /// Why a candidate was asked, what it cost, and who dominates it.
    public func explanation(of run: String, candidate: Int) throws(APIClientError) -> ExplanationDocument {
        try document(Message(path: ["v1", "runs", run, "candidates", String(candidate)]))
    }

    /// A page of the hypervolume after each evaluation, in ask order.
    public func curve(
        of run: String, limit: Int? = nil, cursor: String? = nil
    ) throws(APIClientError) -> CurveDocument {
        try document(
            Message(
                path: ["v1", "runs", run, "curve"], query: [("limit", limit.map(String.init)), ("cursor", cursor)]))
    }

    /// About so many points of the hypervolume, evenly from all rounds.
    public func curve(of run: String, points: Int) throws(APIClientError) -> CurveDocument {
        try document(Message(path: ["v1", "runs", run, "curve"], query: [("points", String(points))]))
    }

    /// Candidates of a round as points of a picture, an even part of them and the whole front.
    ///
    /// - Parameters:
    ///   - round: Which round; nil for the newest.
    ///   - values: Names of values of the run's metrics; nil for its objectives.
    ///   - points: The most candidates beside the front; nil for as many as is usual.
    public func points(
        of run: String, round: Int? = nil, values: [String]? = nil, points: Int? = nil
    ) throws(APIClientError) -> CandidatePoints {
        try document(
            Message(
                path: ["v1", "runs", run, "points"],
                query: [
                    ("round", round.map(String.init)), ("values", values?.joined(separator: ",")),
                    ("points", points.map(String.init)),
                ]))
    }

    /// A page of numbers about the sampler, in the order of their steps.
    public func sampler(
        of run: String, name: String? = nil, cursor: String? = nil
    ) throws(APIClientError) -> SamplerDocument {
        try document(
            Message(path: ["v1", "runs", run, "sampler"], query: [("name", name), ("cursor", cursor)]))
    }

    /// A page of the training record, in the order of the steps.
    public func training(
        of run: String, limit: Int? = nil, cursor: String? = nil
    ) throws(APIClientError) -> TrainingDocument {
        try document(
            Message(
                path: ["v1", "runs", run, "training"], query: [("limit", limit.map(String.init)), ("cursor", cursor)]))
    }

    /// At most so many records of training, spread evenly over the steps so far.
    public func training(of run: String, points: Int) throws(APIClientError) -> TrainingDocument {
        try document(Message(path: ["v1", "runs", run, "training"], query: [("points", String(points))]))
    }

    /// The results as CSV, handed on as they come.
    ///
    /// - Parameter receive: Gets every part; false ends the request.
    /// - Returns: Whether everything came.
    public func results(
        of run: String, frontOnly: Bool, _ receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(APIClientError) -> Bool {
        try stream(
            Message(
                path: ["v1", "runs", run, "results.csv"], query: [("front", frontOnly ? "true" : nil)],
                limits: .download), receive)
    }

    /// The network of a candidate, handed on as it comes; parameters as of `results`.
    ///
    /// - Parameter file: What it comes as.
    public func model(
        of run: String, candidate: Int, as file: NetworkFileRequest = NetworkFileRequest(),
        _ receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(APIClientError) -> Bool {
        try stream(
            Message(
                path: ["v1", "runs", run, "models", String(candidate)], query: file.query,
                limits: file.format == .safetensors ? .download : .computed), receive)
    }

    /// The network of the best subnet found for a budget, handed on as it comes; other parameters as of `results`.
    public func model(
        of run: String, within budget: CostBudget, as file: NetworkFileRequest = NetworkFileRequest(),
        _ receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(APIClientError) -> Bool {
        try stream(
            Message(
                path: ["v1", "runs", run, "model"], query: [(budget.metric.name, String(budget.limit))] + file.query,
                limits: .computed), receive)
    }

    /// The log of a run from a byte offset on, handed on as it comes; parameters as of `results`.
    public func log(
        of run: String, offset: Int, _ receive: (UnsafeRawBufferPointer) -> Bool
    ) throws(APIClientError) -> Bool {
        try stream(
            Message(
                path: ["v1", "runs", run, "log"], query: [("offset", offset > 0 ? String(offset) : nil)],
                limits: .download), receive)
    }
}

extension HTTPLimits {
    /// As long as it takes, as long as something comes.
    fileprivate static let download = HTTPLimits(totalMilliseconds: nil, silenceMilliseconds: 60_000)

    /// As long as data is loaded and a network measured before anything comes.
    fileprivate static let computed = HTTPLimits(totalMilliseconds: nil, silenceMilliseconds: 3_600_000)
}
