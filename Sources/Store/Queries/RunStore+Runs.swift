internal import Documents
internal import GRDB
public import Runs
public import SearchSpaces

extension RunStore {
    /// Creates a queued run and its event `run.queued`.
    ///
    /// - Parameters:
    ///   - priority: Larger is sooner.
    ///   - webhook: Where the run's events are announced.
    ///   - submission: Recognises a repetition, which returns the run of the first time.
    ///   - summary: What lists show of the document; nil to read it for that.
    ///   - check: Gets the run as it reads back from the database; what it throws keeps the run out.
    /// - Throws: ``StoreError/otherSubmission(key:run:)`` when the key belongs to another document.
    public func createRun(
        _ draft: RunDraft, priority: Int = 0, webhook: WebhookEndpointDraft? = nil, submission: Submission? = nil,
        summary: RunSummary? = nil, time: Timestamp, using generator: inout some RandomNumberGenerator,
        check: (StoredRun) throws -> Void = { _ in }
    ) throws(StoreError) -> StoredRun {
        let id = RunID.random(using: &generator)
        let summary = summary?.text ?? Self.summary(of: draft.runYAML)
        return try write("creating a run", changesQueue: true) { db in
            if let submission, let known = try Self.run(db, of: submission) { return known }
            try db.execute(
                sql: """
                    INSERT INTO runs (id, name, state, desired, seed, run_yaml, space_yaml, fingerprints, numerics,
                      created, updated, step, priority, summary, metrics, digest)
                    VALUES (?, ?, 'queued', 'running', ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.text, draft.name, Int64(bitPattern: draft.seed), draft.runYAML, draft.spaceYAML,
                    draft.fingerprints, draft.numerics, time.milliseconds, time.milliseconds, priority,
                    summary, draft.metricsValue, RowDigest.of(draft.digestValues),
                ])
            try check(Lookup.run(db, id))
            if let webhook { try Self.insert(db, webhook, id: id.text, run: id) }
            if let submission {
                // Long enough for any client that still repeats itself.
                try db.execute(
                    sql: "DELETE FROM submissions WHERE created < ?",
                    arguments: [time.milliseconds - Self.submissionsKeptMilliseconds])
                try db.execute(
                    sql: "INSERT INTO submissions (key, digest, run, created) VALUES (?, ?, ?, ?)",
                    arguments: [submission.key, submission.digest, id.text, time.milliseconds])
            }
            _ = try Journal.append(db, run: id, EventDraft(.runQueued), time: time)
            return try Lookup.run(db, id)
        }
    }

    /// Creates a queued run of settings and a space, which are read back from the form in which they are stored before the
    /// run counts; parameters as in the other form.
    ///
    /// - Throws: ``StoreError/invalid(what:place:remedy:)`` when they read back as something else.
    public func createRun(
        _ specification: RunSpecification, space: SearchSpace, priority: Int = 0,
        webhook: WebhookEndpointDraft? = nil, submission: Submission? = nil, time: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) throws(StoreError) -> StoredRun {
        let draft = RunDraft(specification, space: space)
        let fault = StoreError.invalid(
            what: "the document does not read back from the form in which it is stored", place: "document",
            remedy: "shorten its texts and lists")
        // Read before the transaction, since nobody else writes meanwhile; within it the texts are compared.
        let again = try? StoredDocument.specification(draft.runYAML)
        let space = try? StoredDocument.space(draft.spaceYAML)
        guard again?.resolvedYAML == draft.runYAML, space?.resolvedYAML == draft.spaceYAML else { throw fault }
        return try createRun(
            draft, priority: priority, webhook: webhook, submission: submission, summary: RunSummary(specification),
            time: time, using: &generator
        ) { stored in
            if stored.draft != draft { throw fault }
        }
    }

    /// The run that a submission with this key became; nil for a new key.
    public func run(of submission: Submission) throws(StoreError) -> StoredRun? {
        try source.read("looking up a submission") { db in try Self.run(db, of: submission) }
    }

    private static let submissionsKeptMilliseconds: Int64 = 7 * 86_400_000

    private static func run(_ db: Database, of submission: Submission) throws -> StoredRun? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT digest, run FROM submissions WHERE key = ?", arguments: [submission.key])
        else { return nil }
        let id: String = try row.value("run"), digest: String = try row.value("digest")
        guard digest == submission.digest else {
            throw StoreError.otherSubmission(key: submission.key, run: id)
        }
        return try Lookup.run(db, RunID(stored: id))
    }

    /// Notes a changed run file and priority of a run that has not ended.
    public func setLimits(
        _ id: RunID, runYAML: String, priority: Int, time: Timestamp
    ) throws(StoreError) {
        let summary = Self.summary(of: runYAML)
        try write("noting limits", changesQueue: true) { db in
            let run = try Lookup.run(db, id)
            guard !run.state.isEnded || run.state == .failed else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: "changed")
            }
            var draft = run.draft
            draft.runYAML = runYAML
            try db.execute(
                sql: "UPDATE runs SET priority = ?, summary = ? WHERE id = ?",
                arguments: [priority, summary, id.text])
            try Self.note(db, draft, of: id, time: time)
        }
    }

    /// Opens a completed run for more: it is about to train on, or to search longer, and its last round goes with all that was
    /// measured of its candidates, since another takes its place.
    ///
    /// - Parameters:
    ///   - runYAML: The run file of more steps or evaluations.
    ///   - round: The last round; nil for a run that searches nothing.
    ///   - data: What the event `run.resumed` tells, as JSON.
    /// - Throws: ``StoreError/illegalTransition(run:from:to:)`` for a run that is not completed.
    public func extend(
        _ id: RunID, runYAML: String, lastRound round: Int?, data: String, time: Timestamp
    ) throws(StoreError) {
        let summary = Self.summary(of: runYAML)
        try write("extending a run", changesQueue: true) { db in
            let run = try Lookup.run(db, id)
            guard run.state == .completed else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: "extended")
            }
            let number = try Lookup.extensions(db, id) + 1
            // Results go only with their run: for this moment it is away. References are looked at when all is done.
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try db.execute(sql: "UPDATE runs SET id = ? WHERE id = ?", arguments: [Self.away, id.text])
            for table in ["candidates", "rounds"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE run = ? AND round = ?", arguments: [id.text, round])
            }
            try db.execute(
                sql: """
                    UPDATE runs SET id = ?, state = 'preparing', desired = 'running', results_digest = NULL, summary = ?
                    WHERE id = ?
                    """, arguments: [id.text, summary, Self.away])
            var draft = run.draft
            draft.runYAML = runYAML
            try Self.note(db, draft, of: id, time: time)
            _ = try Journal.append(
                db, run: id, EventDraft(.runResumed, data: data, key: "\(Lookup.extensionKey)\(number)"), time: time)
        }
    }

    /// No id, and as long as one.
    private static let away = String(repeating: "-", count: RunID.length)

    private func resultsDigest(_ run: RunID) throws(StoreError) -> ResultsDigest {
        try bulk.source.read("reading the results") { db in try ResultsDigest.of(run: run, in: db) }
    }

    /// Changes the state of a run and adds the event that tells it, both or neither.
    ///
    /// - Parameter failure: Why, exactly when the new state is `failed`.
    @discardableResult
    public func transition(
        run id: RunID, to state: RunState, event: EventDraft, time: Timestamp, step: Int? = nil,
        failure: String? = nil
    ) throws(StoreError) -> Event {
        // All results are read for it: before the transaction, since they are the run's own and it writes none any more.
        let digest = state == .completed ? try resultsDigest(id) : nil
        return try write("changing the state of a run", changesQueue: true) { db in
            let run = try Lookup.row(db, id)
            guard run.state.canBecome(state) else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: state.rawValue)
            }
            guard (state == .failed) == (failure != nil) else {
                throw StoreError.invalid(
                    what: "a failure is told exactly when a run fails", place: "run \(id)", remedy: "correct the call")
            }
            // A wish that has come true, or that an end or a resumption made void, is forgotten; not that a run which has
            // just paused is to be cancelled.
            let isVoid = state == .paused ? run.desired != .cancelled : !state.isLive || !run.state.isLive
            try db.execute(
                sql: """
                    UPDATE runs SET state = ?, updated = ?, step = ?, failure = ?,
                      desired = CASE WHEN ? THEN 'running' ELSE desired END WHERE id = ?
                    """,
                arguments: [state.rawValue, time.milliseconds, step ?? run.step, failure, isVoid, id.text])
            if let digest {
                try db.execute(
                    sql: "UPDATE runs SET results_digest = ? WHERE id = ?", arguments: [digest.text, id.text])
            }
            return try Journal.append(db, run: id, event, time: time)
        }
    }

    /// Notes what a user wants of a run; the run acts on it at the end of its step. A cancellation that is to come outdoes a
    /// pause.
    public func setDesired(_ id: RunID, _ desired: RunIntent, time: Timestamp) throws(StoreError) {
        try write("noting a request") { db in
            let run = try Lookup.row(db, id)
            let allowed =
                switch desired {
                case .running: run.state.isLive || run.state == .paused || run.state == .failed
                case .paused: run.state.isLive
                case .cancelled: run.state.isLive || run.state == .paused
                }
            guard allowed else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: desired.rawValue)
            }
            // Who wanted it cancelled was told that it would be.
            guard run.desired != .cancelled || desired == .running else { return }
            try db.execute(
                sql: "UPDATE runs SET desired = ?, updated = ? WHERE id = ?",
                arguments: [desired.rawValue, time.milliseconds, id.text])
        }
    }

    /// Puts a paused or failed run back into the queue.
    @discardableResult
    public func requeue(_ id: RunID, time: Timestamp) throws(StoreError) -> Event {
        try transition(run: id, to: .queued, event: EventDraft(.runResumed), time: time)
    }

    /// Notes the last training step.
    public func setStep(_ id: RunID, _ step: Int, time: Timestamp) throws(StoreError) {
        try write("noting a step") { db in
            _ = try Lookup.row(db, id)
            try db.execute(
                sql: "UPDATE runs SET step = ?, updated = ? WHERE id = ?",
                arguments: [step, time.milliseconds, id.text])
        }
    }

    /// Notes the numerics that a run computes with, and adds the event of a change.
    public func setNumerics(
        _ id: RunID, _ numerics: String, event: EventDraft? = nil, time: Timestamp
    ) throws(StoreError) {
        try write("noting the numerics") { db in
            var draft = try Lookup.run(db, id).draft
            draft.numerics = numerics
            try Self.note(db, draft, of: id, time: time)
            if let event { _ = try Journal.append(db, run: id, event, time: time) }
        }
    }

    /// Notes the fingerprints of a run whose data had not been read when it was handed in.
    public func setFingerprints(_ id: RunID, _ fingerprints: String, time: Timestamp) throws(StoreError) {
        try write("noting the fingerprints") { db in
            let run = try Lookup.run(db, id)
            guard run.draft.fingerprints == "{}" || run.draft.fingerprints == fingerprints else {
                throw StoreError.conflictingReplay(
                    table: "runs", row: id.text, column: "fingerprints", stored: run.draft.fingerprints,
                    given: fingerprints)
            }
            var draft = run.draft
            draft.fingerprints = fingerprints
            try Self.note(db, draft, of: id, time: time)
        }
    }

    /// What lists show of a document, as text; empty where it cannot be read.
    static func summary(of yaml: String) -> String {
        (try? StoredDocument.specification(yaml)).map { RunSummary($0).text } ?? ""
    }

    /// Notes a changed draft with its digest.
    private static func note(_ db: Database, _ draft: RunDraft, of id: RunID, time: Timestamp) throws {
        try db.execute(
            sql: "UPDATE runs SET run_yaml = ?, fingerprints = ?, numerics = ?, updated = ?, digest = ? WHERE id = ?",
            arguments: [
                draft.runYAML, draft.fingerprints, draft.numerics, time.milliseconds,
                RowDigest.of(draft.digestValues), id.text,
            ])
    }

    /// Deletes a paused or ended run with all its rows; its files are the caller's.
    public func deleteRun(_ id: RunID) throws(StoreError) {
        try write("deleting a run", changesQueue: true) { db in
            let run = try Lookup.row(db, id)
            guard run.state.isDeletable else {
                throw StoreError.illegalTransition(run: id.text, from: run.state.rawValue, to: "deleted")
            }
            try db.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id.text])
        }
    }

    /// Adds an event of a run; with a key, repeating it returns the stored one.
    @discardableResult
    public func appendEvent(_ run: RunID, _ event: EventDraft, time: Timestamp) throws(StoreError) -> Event {
        try write("adding an event") { db in
            _ = try Lookup.row(db, run)
            return try Journal.append(db, run: run, event, time: time)
        }
    }

    /// Adds an event of the daemon; with a key, repeating it returns the stored one.
    @discardableResult
    public func appendDaemonEvent(_ event: EventDraft, time: Timestamp) throws(StoreError) -> Event {
        try write("adding an event") { db in try Journal.append(db, run: nil, event, time: time) }
    }
}
