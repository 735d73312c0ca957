internal import API
internal import Coordinator
internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store

/// Checks what is handed in and puts it into the queue.
struct RunSubmitter {
    let core: DaemonCore

    /// The largest document, in bytes.
    static let largest = 1 << 20

    /// Estimates up to which what an evaluator reads is looked at while whoever submits waits.
    private static let mostBytesToRead = 256 << 20

    /// What a document becomes.
    struct Checked {
        let specification: RunSpecification
        let space: SearchSpace
        /// The run whose supernet is searched.
        let source: SourceRun?
        let memoryBytes: Int
        let diskBytes: Int
    }

    /// Reads and checks a document: its keys, its space, its data, its webhook, and the room it needs.
    ///
    /// - Throws: `DocumentError`, `RunError`, `CoordinatorError`, `DatasetError`, `TrainingError` or ``Problem``.
    func check(_ document: String) throws -> Checked {
        let submission = try RunSubmission.parse(yaml: document, file: "document")
        var read = submission.specification
        var faults: [ProblemDocument.Fault] = []
        let folder = try folder(of: read, &faults)
        let source = try read.supernet.flatMap { try sourceRun($0, &faults) }
        // Names come and go; the run that is meant has one id.
        if let source { read = read.searching(source.run.id.text) }
        let space = try submission.space ?? source?.space(named: read.space) ?? named(read.space, &faults)
        if let webhook = read.webhook { check(webhook, &faults) }
        if read.train?.start != nil {
            faults.append(
                .init(
                    path: "train.start",
                    message:
                        "expected nothing, since files of the daemon's machine are not the submitter's; take it out, or begin "
                        + "the run with nasd run"))
        }
        do throws(RunError) {
            try read.checkCommand(among: core.configuration.commands, isOwner: false)
        } catch {
            if case .unfitSetting(let key, let reason, let remedy) = error {
                faults.append(.init(path: key, message: "\(reason); \(remedy)"))
            }
        }
        guard faults.isEmpty, let space else {
            throw Problem(422, Problem.count(of: faults.count), errors: faults)
        }
        let specification = read.settled(in: space)
        try RunInputs.check(specification, in: space)
        try source?.check(specification, in: space)
        let looked = LookBudget()
        let (memory, cache) = try MemoryEstimate.room(
            specification, space,
            folder: folder?.looking(within: looked).caching(
                in: DataDirectory.cacheDirectory(of: core.configuration.dataDirectory)),
            workers: core.scheduler.workers(for: specification))
        // What the machine lacks, no limit of the configuration gives.
        let limit = min(core.configuration.memoryLimit.bytes, MachineMemory.bytes)
        guard memory <= limit else { throw CoordinatorError.aboveLimit(neededBytes: memory, limitBytes: limit) }
        // What takes long to read is held against the space when the run begins.
        if let folder, !looked.isSpent, memory <= Self.mostBytesToRead {
            try RunInputs.checkEvaluator(of: specification, in: space, folder: folder)
        }
        return Checked(
            specification: specification, space: space, source: source, memoryBytes: memory,
            diskBytes: RunEstimate.diskBytes(specification, space, cacheBytes: cache))
    }

    /// Puts a run into the queue; a repetition with the same key returns the run of the first time.
    func submit(_ document: String, priority: Int, key: String?) throws -> StoredRun {
        let digest = SHA256.hash("\(priority)\n\(document)".utf8).map { String($0, radix: 16) }.joined()
        let submission = key.map { Submission(key: $0, digest: digest) }
        // Known already: checked then, and the world may have changed since.
        if let submission, let known = try core.store.run(of: submission) { return known }
        let checked = try check(document)
        let specification = checked.specification
        var generator = SystemRandomNumberGenerator()
        let run = try core.store.createRun(
            specification, space: checked.space, priority: priority,
            webhook: specification.webhook.map(WebhookEndpointDraft.init), submission: submission, time: core.now,
            using: &generator)
        // Until its turn comes the other run may train on or be deleted. What fails here is told when the run begins.
        if run.state == .queued { _ = try? checked.source?.adopt(by: run.id, in: core.store) }
        core.scheduler.wake()
        return run
    }

    /// The folder of a run's data; nil, and a fault, where there is none that the daemon may read.
    private func folder(
        of specification: RunSpecification, _ faults: inout [ProblemDocument.Fault]
    ) throws -> DataFolder? {
        do {
            return try core.scheduler.roots.folder(of: specification, isTrusted: false)
        } catch CoordinatorError.noDataFolder(_, let reason) {
            faults.append(.init(path: "data.directory", message: reason))
            return nil
        }
    }

    /// The run whose supernet is searched: one of this daemon's own, by its name or id; nil, and a fault, where there is none.
    private func sourceRun(
        _ source: SupernetSource, _ faults: inout [ProblemDocument.Fault]
    ) throws -> SourceRun? {
        guard !source.isPath else {
            faults.append(
                .init(path: "supernet.run", message: "expected the name or id of a run of this daemon, found a path"))
            return nil
        }
        do {
            return try SourceRun(source, in: core.store)
        } catch CoordinatorError.noSupernet(_, let reason) {
            faults.append(.init(path: "supernet.run", message: reason))
            return nil
        }
    }

    /// A space by its name; a path is no name, for files of the daemon's machine are not the submitter's.
    private func named(_ name: String, _ faults: inout [ProblemDocument.Fault]) throws -> SearchSpace? {
        guard !name.contains("/"), !name.hasSuffix(".yaml"), !name.hasSuffix(".yml"), !name.hasPrefix(".") else {
            faults.append(
                .init(path: "space", message: "expected the space itself or the name of one that the daemon knows"))
            return nil
        }
        do {
            return try SpaceCatalog(
                directories: core.configuration.spaceDirectories + [Installation.spaces]
            ).space(named: name)
        } catch RunError.spaceNotFound {
            faults.append(
                .init(
                    path: "space",
                    message:
                        "the daemon knows no space '\(name)'; hand the space itself in, or add its folder to spaceDirectories"
                ))
            return nil
        }
    }

    private func check(_ webhook: WebhookSettings, _ faults: inout [ProblemDocument.Fault]) {
        do {
            try core.deliveries.check(url: webhook.url, secret: webhook.secret)
        } catch {
            let isSecret =
                switch error {
                case .noSecret, .exposedSecret, .malformedSecret: true
                default: false
                }
            // Paths of the daemon's machine are not the submitter's to know.
            let text =
                switch error {
                case .noSecret: "the daemon has no secret of that name; name a file of its webhook.secretDirectory"
                case .exposedSecret, .malformedSecret:
                    "the daemon's secret of that name cannot be used; its operator has to mend it"
                default: "\(error)"
                }
            faults.append(.init(path: isSecret ? "webhook.secret" : "webhook.url", message: text))
        }
    }
}
