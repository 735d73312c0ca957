/// The second schema: priorities, submissions, and the outbox of webhooks. Frozen: a change is a new migration.
enum SchemaV2 {
    /// The statements from version 1 to version 2.
    static let sql = """
        ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX runs_by_queue ON runs (state, priority DESC, created, id);

        ALTER TABLE measurements ADD COLUMN time INTEGER;

        CREATE TABLE submissions (
          key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
          digest TEXT NOT NULL,
          run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
          created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX submissions_by_run ON submissions (run);
        CREATE INDEX submissions_by_created ON submissions (created);

        CREATE TABLE endpoints (
          id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
          run TEXT UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
          url TEXT NOT NULL,
          secret TEXT NOT NULL,
          events TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('active','disabled')),
          hold_until INTEGER NOT NULL DEFAULT 0,
          delivered INTEGER NOT NULL DEFAULT 0,
          last_outcome TEXT,
          last_attempt INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE outbox (
          position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE,
          endpoint TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
          stream TEXT NOT NULL,
          seq INTEGER NOT NULL CHECK (seq >= 1),
          type TEXT NOT NULL,
          body TEXT NOT NULL CHECK (length(CAST(body AS BLOB)) < 20000),
          created INTEGER NOT NULL,
          attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
          next_attempt INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('pending','dead')),
          last_outcome TEXT,
          UNIQUE (endpoint, stream, seq)
        ) STRICT;
        CREATE INDEX outbox_pending ON outbox (endpoint, stream, position) WHERE state = 'pending';
        CREATE INDEX outbox_dead ON outbox (endpoint, position) WHERE state = 'dead';
        CREATE TRIGGER outbox_keep BEFORE UPDATE ON outbox
          WHEN NEW.id <> OLD.id OR NEW.endpoint <> OLD.endpoint OR NEW.stream <> OLD.stream OR NEW.seq <> OLD.seq
            OR NEW.type <> OLD.type OR (NEW.body <> OLD.body AND (OLD.attempts > 0 OR OLD.type <> 'run.progress'))
          BEGIN SELECT RAISE(ABORT, 'only a progress message that was never attempted may be rewritten'); END;
        """
}
