internal import GRDB

/// What a worker has answered a question of a run, as it is kept.
public struct StoredAnswer: Sendable, Hashable {
    /// What was asked: whatever the answer depends on, such as `search 0 KEY`.
    public let question: String
    /// What it comes to, in the form of whoever asks.
    public let answer: String

    /// Creates an answer.
    public init(question: String, answer: String) {
        self.question = question
        self.answer = answer
    }

    /// The answer with a digest of it, of the question and of the run in a line behind it: what a worker said becomes a result later,
    /// and a bit that a disk has turned meanwhile would be one nobody could tell.
    func kept(of run: RunID) -> String {
        let digest = RowDigest.of([run.text.databaseValue, question.databaseValue, answer.databaseValue])
        return "\(answer)\n\(String(UInt64(bitPattern: digest), radix: 16))"
    }

    /// Takes back what ``kept(of:)`` made. The first of this schema had no digests, and are taken as they are.
    ///
    /// - Throws: ``StoreError/corrupt(path:detail:)``.
    init(question: String, kept: String, of run: RunID) throws(StoreError) {
        guard let end = kept.lastIndex(of: "\n") else {
            self.init(question: question, answer: kept)
            return
        }
        self.init(question: question, answer: String(kept[..<end]))
        guard self.kept(of: run) == kept else {
            throw .corrupt(
                path: "answer to '\(question)' of run \(run.text)", detail: "the row is not as it was written")
        }
    }
}

extension RunStore {
    /// Keeps answers, all or none; the first answer to a question stays.
    public func recordAnswers(_ run: RunID, _ answers: [StoredAnswer]) throws(StoreError) {
        try write("adding answers") { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO answers (run, question, answer) VALUES (?, ?, ?)")
            for one in answers { try statement.execute(arguments: [run.text, one.question, one.kept(of: run)]) }
        }
    }
}

extension RunQueries {
    /// Whether a run has any answer.
    public func hasAnswers(_ run: RunID) throws(StoreError) -> Bool {
        try source.read("reading answers") { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM answers WHERE run = ?)", arguments: [run.text])
                ?? false
        }
    }

    /// What is known of some questions, by question.
    public func answers(_ run: RunID, to questions: [String]) throws(StoreError) -> [String: String] {
        try source.read("reading answers") { db in
            var known: [String: String] = [:]
            for question in questions {
                let row = try Row.fetchOne(
                    db, cachedStatement: "SELECT answer FROM answers WHERE run = ? AND question = ?",
                    [run.text.databaseValue, question.databaseValue])
                guard let row else { continue }
                known[question] = try StoredAnswer(question: question, kept: row.value("answer"), of: run).answer
            }
            return known
        }
    }
}
