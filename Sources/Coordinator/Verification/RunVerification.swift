internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
public import Store
internal import Supernets
internal import Training

/// Holds what a run has left against itself, offline and without its data: digests, keys, exact costs, budgets, fronts, volumes,
/// networks, checkpoints and tables, each derived anew from what it follows from.
public struct RunVerification {
    /// What is not as it must be, a sentence each; empty where everything is.
    public private(set) var differences: [String] = []
    /// What was held against what, with counts.
    public private(set) var checked: [(what: String, count: Int)] = []

    /// Differences of one kind that are named one by one.
    private static let most = 10

    /// Verifies a run of a data directory.
    ///
    /// - Parameter table: Whether `results.csv` and `front.csv` at the top of the directory are this run's.
    public init(_ run: RunID, in store: RunReader, hasTables: Bool) {
        do {
            // Rows are held against their digests as they are read.
            let stored = try store.run(run)
            let specification = try stored.specification(), space = try stored.space()
            let candidates = try candidates(of: run, in: store)
            verify(candidates, of: space)
            try verifyRounds(stored, specification, space, candidates, store)
            try verifyFiles(stored, store)
            try verifyEvents(stored, store)
            if hasTables { try verifyTables(stored, specification, store) }
        } catch {
            differences.append("\(error)")
        }
    }

    private mutating func note(_ what: String, _ count: Int, _ found: [String]) {
        checked.append((what, count))
        differences += found.prefix(Self.most)
        if found.count > Self.most { differences.append("\(what): \(found.count - Self.most) more differences") }
    }

    // MARK: Candidates

    private func candidates(of run: RunID, in store: RunReader) throws -> [CandidateResult] {
        var all: [CandidateResult] = []
        while true {
            let page = try store.candidates(run, after: all.last?.candidate.number ?? 0, limit: 1000)
            all += page
            if page.count < 1000 { return all }
        }
    }

    /// Numbers, genomes, their texts and keys, and costs.
    private mutating func verify(_ results: [CandidateResult], of space: SearchSpace) {
        var found: [String] = []
        for (index, result) in results.enumerated() {
            let candidate = result.candidate
            if candidate.number != index + 1 {
                found.append("candidate \(candidate.number): expected the number \(index + 1)")
                break
            }
            guard space.contains(candidate.genome) else {
                found.append("candidate \(candidate.number): its genome is none of the space")
                continue
            }
            if space.key(of: candidate.genome) != candidate.key {
                found.append("candidate \(candidate.number): its key is not that of its genome")
            }
            if space.text(of: candidate.genome) != candidate.genomeText {
                found.append("candidate \(candidate.number): its text is not that of its genome")
            }
            let cost = space.cost(of: candidate.genome)
            for metric in candidate.cost.metrics where candidate.cost[metric] != cost[metric] {
                found.append(
                    "candidate \(candidate.number): \(metric.name) is \(candidate.cost[metric] ?? 0), computed "
                        + "\(cost[metric].map(String.init) ?? "none")")
            }
        }
        note("candidates", results.count, found)
    }

    // MARK: Rounds

    private mutating func verifyRounds(
        _ run: StoredRun, _ specification: RunSpecification, _ space: SearchSpace, _ results: [CandidateResult],
        _ store: RunReader
    ) throws {
        let plan = RoundPlan(specification), rounds = try store.rounds(run.id)
        let isExtended = try store.extensions(run.id) > 0
        let byRound = Dictionary(grouping: results, by: \.candidate.round)
        var found: [String] = []
        for round in rounds {
            let own = byRound[round.round] ?? []
            let name = "round \(round.round)"
            if round.state == .completed, own.count != round.evaluations {
                found.append("\(name): it has \(own.count) candidates, and tells of \(round.evaluations) evaluations")
            }
            let isPlanned = !isExtended || round.round == plan.last
            if isPlanned, round.evaluations > plan.evaluations(of: round.round) {
                found.append(
                    "\(name): \(round.evaluations) evaluations, of a budget of \(plan.evaluations(of: round.round))")
            }
            if own.contains(where: { $0.candidate.weightsStep != round.weightsStep }) {
                found.append("\(name): candidates of other weights than those of step \(round.weightsStep)")
            }
            let repeated = Dictionary(grouping: own, by: \.candidate.key).values.filter { $0.count > 1 }
            found += repeated.map { "\(name): candidates \($0.map(\.candidate.number)) are one architecture" }
        }
        if run.state == .completed, plan.evaluations(of: plan.last) > 0,
            !rounds.contains(where: { $0.round == plan.last && $0.state == .completed })
        {
            found.append("round \(plan.last), the last, is not completed")
        }
        note("rounds", rounds.count, found)
        try verifyFronts(run, specification, space, rounds, results, store)
    }

    private mutating func verifyFronts(
        _ run: StoredRun, _ specification: RunSpecification, _ space: SearchSpace, _ rounds: [SearchRound],
        _ results: [CandidateResult], _ store: RunReader
    ) throws {
        let rule = FitnessRule(specification)
        let volumes = FrontVolume(
            objectives: specification.objectives, space: space, measured: try run.metrics().metrics(at: .search),
            task: specification.evaluator.settings.needsTraining ? specification.task(in: space) : nil)
        let byStep = Dictionary(grouping: results, by: \.candidate.weightsStep)
        var found: [String] = [], count = 0
        for round in rounds where round.state == .completed {
            let own = byStep[round.weightsStep] ?? []
            let told = Set(
                try store.front(
                    run.id, weightsStep: round.weightsStep, objectives: specification.objectives,
                    constraints: specification.constraints
                ).map(\.candidate.number))
            found += faults(of: told, among: own, specification).map { "front of step \(round.weightsStep): \($0)" }
            count += 1
            if let volume = round.hypervolume, let derived = volumes.value(ofAll: own.map(rule.fitness)),
                abs(volume - derived) > 1e-9
            {
                found.append("round \(round.round): hypervolume \(volume), computed \(derived)")
            }
        }
        note("fronts", count, found)
    }

    /// What a front has that it must not, or lacks: members dominate none of one another, and one of them everybody else.
    private func faults(
        of front: Set<Int>, among results: [CandidateResult], _ specification: RunSpecification
    ) -> [String] {
        let rule = FitnessRule(specification)
        let points = results.map { ($0.candidate.number, rule.fitness($0)) }.filter(\.1.isFeasible)
        let members = points.filter { front.contains($0.0) }
        guard members.count == front.count else { return ["candidates that are infeasible or not measured are on it"] }
        return points.compactMap { number, fitness in
            let isDominated = members.contains { $0.0 != number && $0.1.dominates(fitness) }
            guard isDominated == front.contains(number) else { return nil }
            return "candidate \(number) is \(isDominated ? "dominated and on it" : "not dominated and not on it")"
        }
    }

    // MARK: Files

    private mutating func verifyFiles(_ run: StoredRun, _ store: RunReader) throws {
        let folder = store.directory.checkpointDirectory(run.id)
        let rows = try store.checkpoints(run.id)
        var found: [String] = []
        for row in rows {
            let file = folder + "/" + row.file
            do {
                let checkpoint = try CheckpointFile(file)
                try checkpoint.checkDigest()
                if checkpoint.header.step != row.step || checkpoint.header.digest != row.digest {
                    found.append("\(file): it is not the one that the database tells of")
                }
                if let kept = checkpoint.header.kept { try KeptStates(run.id, in: store.directory).check(kept) }
            } catch {
                found.append("\(error)")
            }
        }
        note("checkpoints", rows.count, found)
        let models = store.directory.modelDirectory(run.id)
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []).filter {
            $0.hasSuffix(".safetensors")
        }.sorted()
        found = []
        for name in names {
            do {
                let model = try ExtractedModel(file: models + "/" + name)
                let cost = model.space.cost(of: model.genome)[.params]
                if cost != model.description.params, model.description.isFolded != true {
                    found.append("\(models)/\(name): \(model.description.params) parameters, computed \(cost ?? 0)")
                }
            } catch {
                found.append("\(error)")
            }
        }
        note("networks", names.count, found)
        if let manifest = Manifest(folder: store.directory.runDirectory(run.id)),
            let fingerprints = run.fingerprints, manifest.fingerprints != fingerprints
        {
            note("manifest", 1, ["manifest.json of run \(run.id) has other digests than the database"])
        }
    }

    private mutating func verifyEvents(_ run: StoredRun, _ store: RunReader) throws {
        var last = 0, found: [String] = [], end: EventType?
        while found.isEmpty {
            let page = try store.events(run.id, after: last, limit: 1000)
            for event in page {
                if event.sequence != last + 1 { found.append("events: \(last + 1) is missing") }
                last = event.sequence
                end = event.content.type
            }
            if page.count < 1000 { break }
        }
        if run.state == .completed, end != .runCompleted, found.isEmpty {
            found.append("events: the last of a completed run is \(end?.rawValue ?? "none")")
        }
        note("events", last, found)
    }

    // MARK: Tables

    private mutating func verifyTables(
        _ run: StoredRun, _ specification: RunSpecification, _ store: RunReader
    ) throws {
        let csv = ResultsCSV(objectives: specification.objectives, constraints: specification.constraints)
        var found: [String] = [], count = 0
        for (name, isFront) in [("results.csv", false), ("front.csv", true)] {
            let file = store.directory.path + "/" + name
            guard let bytes = FileManager.default.contents(atPath: file) else { continue }
            var derived = Data()
            try csv.stream(run.id, from: store, frontOnly: isFront) { derived.append(contentsOf: $0) }
            count += 1
            guard bytes != derived else { continue }
            let line = zip(bytes.split(separator: 10), derived.split(separator: 10)).prefix { $0 == $1 }.count + 1
            found.append("\(file): it differs from what the database comes to, first in line \(line)")
        }
        note("tables", count, found)
    }
}
