/// The sixth schema: why candidates were asked, and what each evaluation took and brought. Frozen: a change is a new migration.
enum SchemaV6 {
    /// The statements from version 5 to version 6.
    static let sql = """
        CREATE TABLE reasons (
          run TEXT NOT NULL,
          candidate INTEGER NOT NULL,
          generation INTEGER NOT NULL CHECK (generation >= 0),
          parents TEXT NOT NULL,
          aim TEXT,
          repaired INTEGER NOT NULL CHECK (repaired IN (0, 1)),
          digest INTEGER NOT NULL,
          PRIMARY KEY (run, candidate),
          FOREIGN KEY (run, candidate) REFERENCES candidates (run, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE predictions (
          run TEXT NOT NULL,
          candidate INTEGER NOT NULL,
          metric TEXT NOT NULL CHECK (metric <> ''),
          mean REAL NOT NULL CHECK (abs(mean) <= 1.7976931348623157e308),
          spread REAL NOT NULL CHECK (spread >= 0 AND spread <= 1.7976931348623157e308),
          digest INTEGER NOT NULL,
          PRIMARY KEY (run, candidate, metric),
          FOREIGN KEY (run, candidate) REFERENCES candidates (run, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE evaluations (
          run TEXT NOT NULL,
          candidate INTEGER NOT NULL,
          hypervolume REAL CHECK (abs(hypervolume) <= 1.7976931348623157e308),
          seconds REAL CHECK (seconds >= 0 AND seconds <= 1.7976931348623157e308),
          together INTEGER CHECK (together >= 1),
          digest INTEGER NOT NULL,
          PRIMARY KEY (run, candidate),
          FOREIGN KEY (run, candidate) REFERENCES candidates (run, number) ON DELETE CASCADE,
          CHECK ((seconds IS NULL) = (together IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER reasons_keep BEFORE UPDATE ON reasons
          BEGIN SELECT RAISE(ABORT, 'reasons never change'); END;
        CREATE TRIGGER predictions_keep BEFORE UPDATE ON predictions
          BEGIN SELECT RAISE(ABORT, 'predictions never change'); END;
        CREATE TRIGGER evaluations_keep BEFORE UPDATE ON evaluations
          BEGIN SELECT RAISE(ABORT, 'evaluations never change'); END;
        """
}
