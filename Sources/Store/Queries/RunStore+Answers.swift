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
}

extension RunStore {
    /// Keeps answers, all or none; the first answer to a question stays.
    public func recordAnswers(_ run: RunID, _ answers: [StoredAnswer]) throws(StoreError) {
        try write("adding answers") { db in
            let statement = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO answers (run, question, answer) VALUES (?, ?, ?)")
            for one in answers { try statement.execute(arguments: [run.text, one.question, one.answer]) }
        }
    }
}

extension RunQueries {
    /// What is known of some questions, by question.
    public func answers(_ run: RunID, to questions: [String]) throws(StoreError) -> [String: String] {
        try source.read("reading answers") { db in
            var known: [String: String] = [:]
            for question in questions {
                let row = try Row.fetchOne(
                    db, cachedStatement: "SELECT answer FROM answers WHERE run = ? AND question = ?",
                    [run.text.databaseValue, question.databaseValue])
                if let row { known[question] = try row.value("answer") }
            }
            return known
        }
    }
}
