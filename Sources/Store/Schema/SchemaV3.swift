/// The third schema: digests of rows, summaries of runs, interruptions, and waits that outlast a clock that was set. Frozen: a
/// change is a new migration.
enum SchemaV3 {
    /// The statements from version 2 to version 3.
    static let sql = """
        ALTER TABLE runs ADD COLUMN summary TEXT;
        ALTER TABLE runs ADD COLUMN digest INTEGER;
        ALTER TABLE runs ADD COLUMN results_digest TEXT;
        CREATE INDEX runs_that_live ON runs (created, id)
          WHERE state IN ('queued','preparing','training','searching','validating','paused');

        ALTER TABLE candidates ADD COLUMN digest INTEGER;
        ALTER TABLE measurements ADD COLUMN digest INTEGER;
        ALTER TABLE rounds ADD COLUMN digest INTEGER;
        ALTER TABLE sampler_statistics ADD COLUMN digest INTEGER;
        CREATE INDEX measurements_of_finalists ON measurements (run, candidate) WHERE kind = 'validationAccuracy';

        CREATE TABLE interruptions (
          run TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
          progress TEXT NOT NULL,
          faults INTEGER NOT NULL CHECK (faults >= 0),
          ends INTEGER NOT NULL CHECK (ends >= faults),
          last_fault TEXT
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE endpoints ADD COLUMN hold INTEGER CHECK (hold >= 0);
        ALTER TABLE outbox ADD COLUMN wait INTEGER CHECK (wait >= 0);
        """
}
