/// What `.schema` printed when version 1 was frozen.
let frozenSchema1 = """
    CREATE TABLE runs (
      id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 12),
      name TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('queued','preparing','training','searching','validating','paused',
        'completed','failed','cancelled')),
      desired TEXT NOT NULL CHECK (desired IN ('running','paused','cancelled')),
      seed INTEGER NOT NULL,
      run_yaml TEXT NOT NULL,
      space_yaml TEXT NOT NULL,
      fingerprints TEXT NOT NULL,
      numerics TEXT NOT NULL,
      created INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      step INTEGER NOT NULL CHECK (step >= 0),
      failure TEXT,
      CHECK ((failure IS NOT NULL) = (state = 'failed'))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX runs_by_name ON runs (name);
    CREATE INDEX runs_by_state ON runs (state, updated);
    CREATE INDEX runs_by_created ON runs (created, id);

    CREATE TABLE candidates (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      number INTEGER NOT NULL CHECK (number >= 1),
      key TEXT NOT NULL,
      genome TEXT NOT NULL,
      choices BLOB NOT NULL,
      origin TEXT NOT NULL CHECK (origin <> ''),
      round INTEGER NOT NULL CHECK (round >= 0),
      weights_step INTEGER NOT NULL CHECK (weights_step >= 0),
      params INTEGER NOT NULL CHECK (params >= 0),
      multiply_adds INTEGER NOT NULL CHECK (multiply_adds >= 0),
      PRIMARY KEY (run, number),
      UNIQUE (run, round, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX candidates_by_weights ON candidates (run, weights_step, number);

    CREATE TABLE measurements (
      run TEXT NOT NULL,
      candidate INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind <> ''),
      value REAL,
      samples INTEGER NOT NULL CHECK (samples >= 0),
      state TEXT NOT NULL CHECK (state IN ('completed','failed')),
      reason TEXT,
      PRIMARY KEY (run, candidate, kind),
      FOREIGN KEY (run, candidate) REFERENCES candidates (run, number) ON DELETE CASCADE,
      CHECK ((state = 'completed') = (value IS NOT NULL)),
      CHECK ((state = 'failed') = (reason IS NOT NULL)),
      CHECK (value IS NULL OR abs(value) <= 1.7976931348623157e308)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE rounds (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      round INTEGER NOT NULL CHECK (round >= 0),
      weights_step INTEGER NOT NULL CHECK (weights_step >= 0),
      state TEXT NOT NULL CHECK (state IN ('running','completed')),
      search_state TEXT NOT NULL,
      evaluations INTEGER NOT NULL CHECK (evaluations >= 0),
      hypervolume REAL,
      PRIMARY KEY (run, round)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE events (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL CHECK (seq >= 1),
      type TEXT NOT NULL CHECK (type IN ('run.queued','run.started','run.recovered','run.paused','run.resumed',
        'run.completed','run.failed','run.cancelled','run.progress','search.round','search.front',
        'training.rollback')),
      time INTEGER NOT NULL,
      data TEXT NOT NULL,
      key TEXT,
      PRIMARY KEY (run, seq),
      UNIQUE (run, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE daemon_events (
      seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
      type TEXT NOT NULL CHECK (type IN ('daemon.started','daemon.degraded','daemon.recovered','webhook.test')),
      time INTEGER NOT NULL,
      data TEXT NOT NULL,
      key TEXT UNIQUE
    ) STRICT;

    CREATE TABLE sampler_statistics (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL CHECK (step >= 0),
      name TEXT NOT NULL,
      bin INTEGER NOT NULL CHECK (bin >= 0),
      value REAL NOT NULL,
      PRIMARY KEY (run, step, name, bin)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE checkpoints (
      run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL CHECK (step >= 0),
      file TEXT NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (run, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER candidates_keep BEFORE UPDATE ON candidates
      BEGIN SELECT RAISE(ABORT, 'candidates never change'); END;
    CREATE TRIGGER candidates_stay BEFORE DELETE ON candidates
      WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
      BEGIN SELECT RAISE(ABORT, 'candidates go only with their run'); END;
    CREATE TRIGGER measurements_keep BEFORE UPDATE ON measurements
      BEGIN SELECT RAISE(ABORT, 'measurements never change'); END;
    CREATE TRIGGER measurements_stay BEFORE DELETE ON measurements
      WHEN EXISTS (SELECT 1 FROM runs WHERE id = OLD.run)
      BEGIN SELECT RAISE(ABORT, 'measurements go only with their run'); END;
    CREATE TRIGGER rounds_keep BEFORE UPDATE ON rounds WHEN OLD.state = 'completed'
      BEGIN SELECT RAISE(ABORT, 'a completed round never changes'); END;
    CREATE TRIGGER events_keep BEFORE UPDATE ON events
      WHEN OLD.type <> 'run.progress' OR NEW.seq <> OLD.seq OR NEW.run <> OLD.run OR NEW.type <> OLD.type
      BEGIN SELECT RAISE(ABORT, 'only the content of a progress event may change'); END;
    """
