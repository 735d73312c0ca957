internal import Foundation
internal import Runs

/// What keeps a run from starting, continuing or ending well.
public enum CoordinatorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data directory holds another run.
    case otherRun(directory: String, run: String, keys: [String])
    /// The bytes of the data are not those the run began with.
    case otherData(run: String)
    /// The machine computes other bits than those the run began with.
    case otherNumerics(run: String, stored: String, found: String)
    /// The last round has found nothing that keeps every constraint.
    ///
    /// Failures are those of candidates that could not be measured, the most frequent reason first.
    case nothingFeasible(
        candidates: Int, closest: [Int], violations: [Double], failures: [CandidateFailures])
    /// A setting is lost in the 32 bits that networks are computed with.
    case uncomputable(key: String, value: Double)
    /// The disk has less room than the run needs.
    case littleDisk(path: String, neededBytes: Int, freeBytes: Int)
    /// The machine has less memory than the run needs.
    case littleMemory(neededBytes: Int, dataBytes: Int, presentBytes: Int)
    /// The machine has less memory than what subnets come to on each example takes.
    case manyScores(subnets: Int, examples: Int, neededBytes: Int, presentBytes: Int)
    /// A run needs more memory than the daemon permits all of them.
    case aboveLimit(neededBytes: Int, limitBytes: Int)
    /// What others compute leaves too little memory for now.
    case noMemoryNow(neededBytes: Int, freeBytes: Int)
    /// No folder of data can be had by that name.
    case noDataFolder(name: String, reason: String)
    /// The run's space does not have the cost of a budget.
    case unknownCost(metric: String, known: [String])
    /// No architecture costs as little as a budget.
    case budgetTooSmall(metric: String, budget: Int, least: Int)
    /// A file that keeps a gap study is none.
    case damagedGap(path: String)
    /// Stand-alone trainings of another space, data or recipe cannot count.
    case otherRecipe(path: String)
    /// Another process studies the gap of the run.
    case gapInUse(run: String)
    /// A run's checkpoints are not to be used, as after an upgrade.
    case noUsableCheckpoint(run: String)
    /// The run trains no networks.
    case noNetworks
    /// No supernet can be had by what `supernet.run` says.
    case noSupernet(run: String, reason: String)
    /// The checkpoint of a step is not there, or not there any more.
    case noSuchStep(run: String, step: Int, kept: [Int])
    /// A run has no candidate of a number.
    case noSuchCandidate(run: String, number: Int)
    /// A supernet is of another space, task or data than the run that is to search it.
    case otherSupernet(run: String, what: String, expected: String, found: String)
    /// Which weights the run searches is found out when it begins.
    case openSource(run: String)
    /// The run trains nothing, and so has no recipe to train its subnets by.
    case noRecipe(run: String)
    /// The run trains, and names no data.
    case noData
    /// How many steps the run's minutes come to is not measured yet.
    case openBudget
    /// Nothing in this program measures by an evaluator's settings.
    case noEvaluator(kind: String)
    /// No process of the user's own can be started here.
    case noWorkers
    /// Every slot of a command has failed for as long as a request may take.
    case noSlotLeft(command: String, reason: String)
    /// A worker lost what it had learned again and again.
    case workerTraining(step: Int, reason: String)
    /// A worker has told too little of what the sampler's bins are of.
    case fewMeasured(metric: String, found: Int, of: Int, needed: Int, reason: String)
    /// A network is being cut out for somebody else.
    case busy
    /// The last round has begun, and its budget stands.
    case tooLate(run: String)
    /// Training diverged again and again.
    case diverged(step: Int, rollbacks: Int)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .otherRun(let directory, let run, let keys):
            "\(directory) holds run \(run), which differs in \(keys.joined(separator: ", ")); "
                + "choose another --output, or set these keys back to continue it"
        case .otherData(let run):
            "the data is not what run \(run) began with; restore the files, or start anew in another --output"
        case .otherNumerics(let run, let stored, let found):
            "run \(run) began with \(stored), here it would go on with \(found), and results would differ in their last "
                + "bits; continue with the machine and release that it began with, or allow it with "
                + "--allow-numerics-change"
        case .nothingFeasible(let candidates, let closest, let violations, let failures):
            Self.nothingFeasible(candidates, zip(closest, violations), failures)
        case .uncomputable(let key, let value):
            "\(key): \(value) is 0 in the 32 bits that networks are computed with; "
                + "hand the run in again with 0 or at least \(Float.leastNormalMagnitude)"
        case .littleDisk(let path, let needed, let free):
            "\(path): the run needs about \(needed >> 20) MiB and \(free >> 20) MiB are free; "
                + "free some space or choose another --output"
        case .littleMemory(let needed, let data, let present):
            "the run needs about \(needed >> 20) MiB of memory and the machine has \(present >> 20) MiB; "
                + "choose a smaller space, batch or number of shards, or less data, which take \(data >> 20) MiB"
        case .manyScores(let subnets, let examples, let needed, let present):
            "\(subnets) subnets on \(examples) examples each need about \(needed >> 20) MiB of memory and the machine has "
                + "\(present >> 20) MiB; measure fewer subnets at a time"
        case .aboveLimit(let needed, let limit):
            "the run needs about \(needed >> 20) MiB of memory and the daemon permits \(limit >> 20) MiB; "
                + "raise memoryLimit, or choose a smaller space, batch or number of shards, or less data"
        case .noMemoryNow(let needed, let free):
            "that needs about \(needed >> 20) MiB of memory and \(free >> 20) MiB of memoryLimit are free; try again later"
        case .noDataFolder(let name, let reason): "data.directory '\(name)': \(reason)"
        case .unknownCost(let metric, let known):
            "the architectures of the space have no \(metric); give the budget in \(known.joined(separator: " or "))"
        case .budgetTooSmall(let metric, let budget, let least):
            "no architecture of the space has \(metric) of at most \(budget); the smallest has \(least)"
        case .damagedGap(let path):
            "\(path) is no gap study of this version; move it away to begin anew, or name another file"
        case .otherRecipe(let path):
            "\(path) is of another space, data set or recipe than this run; reuse one of the same, or train anew without it"
        case .gapInUse(let run):
            "another process studies the gap of run \(run); wait for it to end"
        case .noUsableCheckpoint(let run):
            "run \(run) has no checkpoint that this version can use; try again later, or run it anew"
        case .noNetworks:
            "the run trains no networks: its candidates were measured elsewhere, so there is none to cut out or to measure"
        case .noSupernet(let run, let reason): "supernet.run '\(run)': \(reason)"
        case .noSuchStep(let run, let step, let kept):
            "supernet.step: run '\(run)' has no checkpoint of step \(step); there are those of "
                + "\(kept.map(String.init).joined(separator: ", ")); name one of them, or none for the newest"
        case .noSuchCandidate(let run, let number):
            "run \(run) has no candidate \(number); they are numbered from 1 in the order of asking"
        case .otherSupernet(let run, let what, let expected, let found):
            "supernet.run '\(run)': its \(what) is \(expected), this run's is \(found); use the space and the data that it was "
                + "trained with, or another supernet"
        case .openSource(let run):
            "supernet.step: which weights run \(run) searches is found out when it begins, and it has not begun"
        case .noRecipe(let run):
            "run \(run) searches the supernet of another run and has no recipe of training; name the run that trained it"
        case .noData: "data: the run trains and has no data to train on; name their format and files"
        case .openBudget:
            "train.budget: how many steps its minutes come to is measured when the run begins, and it has not begun"
        case .noEvaluator(let kind):
            "evaluator.kind: this program cannot measure by '\(kind)'; use the release that took it"
        case .noWorkers:
            "evaluator.kind: processes of a command are started for a run alone; begin one with nasd run or a daemon"
        case .noSlotLeft(let command, let reason):
            "no slot of the command '\(command)' works: \(reason); mend it and resume the run, which goes on from its answers"
        case .workerTraining(let step, let reason):
            "training by the worker did not come past step \(step), three times: \(reason); mend it and resume the run, which goes "
                + "on from its last checkpoint"
        case .fewMeasured(let metric, let found, let asked, let needed, let reason):
            "train.sampler.metric: the worker told \(metric) of \(found) of \(asked) architectures at the stage cost, and \(needed) are "
                + "needed for bins of it; of the first other one it told: \(reason); mend the worker and resume the run"
        case .busy: "a network is being cut out for somebody else; try again in some seconds"
        case .tooLate(let run):
            "run \(run) is in its last search round, whose evaluations stand; submit another run with more of them"
        case .diverged(let step, let rollbacks):
            "training diverged at step \(step) after \(rollbacks) rollbacks; lower train.optimizer.rate or clip"
        }
    }

    private static func nothingFeasible(
        _ candidates: Int, _ closest: some Sequence<(Int, Double)>, _ failures: [CandidateFailures]
    ) -> String {
        let near = closest.map { "\($0) (violation \(String(format: "%.3g", $1)))" }
        let reasons = failures.prefix(3).map { "\($0.reason) (\($0.count))" }.joined(separator: ", ")
        let more = failures.count > 3 ? " and \(failures.count - 3) more" : ""
        if near.isEmpty {
            return "nothing feasible: none of \(candidates) candidates could be measured"
                + (failures.isEmpty ? "" : ": \(reasons)\(more)") + "; "
                + (failures.contains { $0.reason.hasPrefix("missing ") }
                    ? "choose a table that has the architectures of the space, or " : "")
                + "give the search more evaluations and resume the run"
        }
        return "nothing feasible: none of \(candidates) candidates keeps every constraint; the closest are "
            + near.joined(separator: ", ")
            + (failures.isEmpty ? "" : ", and others could not be measured: \(reasons)\(more)")
            + "; give the search more evaluations and resume the run, or loosen search.constraints"
    }
}

/// How many candidates could not be measured for a reason.
public struct CandidateFailures: Sendable, Equatable {
    /// The reason in a few words, such as `missing entry`.
    public let reason: String
    /// How many.
    public let count: Int

    /// The most frequent of some reasons first.
    static func counted(_ reasons: [String]) -> [CandidateFailures] {
        Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +)
            .map { CandidateFailures(reason: $0.key, count: $0.value) }
            .sorted { (-$0.count, $0.reason) < (-$1.count, $1.reason) }
    }
}
