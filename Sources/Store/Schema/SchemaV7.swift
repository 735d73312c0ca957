/// The seventh schema: what workers have answered, and events of evaluators. Frozen: a change is a new migration.
///
/// SQLite changes no condition of a column, so the table of events is made anew; nothing refers to it.
enum SchemaV7 {
    /// The statements from version 6 to version 7.
    static let sql = """
        CREATE TABLE answers (
          run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
          question TEXT NOT NULL CHECK (question <> ''),
          answer TEXT NOT NULL,
          PRIMARY KEY (run, question)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER answers_keep BEFORE UPDATE ON answers
          BEGIN SELECT RAISE(ABORT, 'answers never change'); END;
        CREATE TRIGGER answers_stay BEFORE DELETE ON answers
          WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
          BEGIN SELECT RAISE(ABORT, 'answers go only with their run'); END;

        CREATE TABLE later_events (
          run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
          seq INTEGER NOT NULL CHECK (seq >= 1),
          type TEXT NOT NULL CHECK (type IN ('run.queued','run.started','run.recovered','run.paused','run.resumed',
            'run.completed','run.failed','run.cancelled','run.progress','search.round','search.front',
            'training.rollback','evaluator.degraded','evaluator.recovered')),
          time INTEGER NOT NULL,
          data TEXT NOT NULL,
          key TEXT,
          PRIMARY KEY (run, seq),
          UNIQUE (run, key)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO later_events SELECT run, seq, type, time, data, key FROM events;
        DROP TABLE events;
        ALTER TABLE later_events RENAME TO events;
        CREATE TRIGGER events_keep BEFORE UPDATE ON events
          WHEN OLD.type <> 'run.progress' OR NEW.seq <> OLD.seq OR NEW.run <> OLD.run OR NEW.type <> OLD.type
          BEGIN SELECT RAISE(ABORT, 'only the content of a progress event may change'); END;
        """
}
