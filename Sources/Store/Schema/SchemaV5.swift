/// The fifth schema: metrics by name. Frozen: a change is a new migration.
///
/// A run notes the metrics that it declared when it began, and its candidates get values of these alone; a run of an earlier
/// version notes none, and goes on with the columns that it had. The two oldest costs may be absent, for networks that live
/// elsewhere; further ones are rows. `ALTER TABLE … DROP COLUMN` keeps foreign keys as they are, where making the table anew
/// would take the measurements with it.
enum SchemaV5 {
    /// The statements from version 4 to version 5.
    static let sql = """
        ALTER TABLE runs ADD COLUMN metrics TEXT;

        DROP TRIGGER candidates_keep;
        ALTER TABLE candidates ADD COLUMN known_params INTEGER CHECK (known_params >= 0);
        ALTER TABLE candidates ADD COLUMN known_multiply_adds INTEGER CHECK (known_multiply_adds >= 0);
        UPDATE candidates SET known_params = params, known_multiply_adds = multiply_adds;
        ALTER TABLE candidates DROP COLUMN params;
        ALTER TABLE candidates DROP COLUMN multiply_adds;
        ALTER TABLE candidates RENAME COLUMN known_params TO params;
        ALTER TABLE candidates RENAME COLUMN known_multiply_adds TO multiply_adds;
        CREATE TRIGGER candidates_keep BEFORE UPDATE ON candidates
          BEGIN SELECT RAISE(ABORT, 'candidates never change'); END;

        CREATE TABLE costs (
          run TEXT NOT NULL,
          candidate INTEGER NOT NULL,
          name TEXT NOT NULL CHECK (name <> ''),
          value INTEGER NOT NULL CHECK (value >= 0),
          digest INTEGER NOT NULL,
          PRIMARY KEY (run, candidate, name),
          FOREIGN KEY (run, candidate) REFERENCES candidates (run, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER costs_keep BEFORE UPDATE ON costs
          BEGIN SELECT RAISE(ABORT, 'costs never change'); END;
        CREATE TRIGGER costs_stay BEFORE DELETE ON costs
          WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
          BEGIN SELECT RAISE(ABORT, 'costs go only with their run'); END;

        DROP INDEX measurements_of_finalists;
        CREATE INDEX measurements_of_finalists ON measurements (run, kind, candidate)
          WHERE kind GLOB 'validation[A-Z]*';
        """
}
