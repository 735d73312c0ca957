/// The fourth schema: the record of training. Frozen: a change is a new migration.
enum SchemaV4 {
    /// The statements from version 3 to version 4.
    static let sql = """
        CREATE TABLE training_records (
          run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
          step INTEGER NOT NULL CHECK (step >= 1),
          loss REAL NOT NULL CHECK (abs(loss) <= 1.7976931348623157e308),
          learning_rate REAL NOT NULL CHECK (learning_rate >= 0 AND learning_rate <= 1.7976931348623157e308),
          steps_per_second REAL NOT NULL CHECK (steps_per_second >= 0),
          elapsed_seconds REAL NOT NULL CHECK (elapsed_seconds >= 0),
          digest INTEGER NOT NULL,
          PRIMARY KEY (run, step)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER training_records_keep BEFORE UPDATE ON training_records
          BEGIN SELECT RAISE(ABORT, 'records of training never change'); END;
        """
}
