#!/usr/bin/env python3
"""Fills a run with candidates that were never measured, to see what large runs are like: many_candidates.py DATABASE RUN COUNT

The run has completed, and no daemon has the database open. Copies of its own rows stand for the others, with other numbers, costs
and values; accuracy grows with multiply-adds, so that there is a front."""
import sqlite3, sys

UNIFORM = "(n * 16807 % 2147483647) / 2147483648.0"
COST = "1000000 + n * 40503 * 40503 % 9000011"
SPREAD = "(n * 2654435761 % 4294967296) / 4294967296.0"
GROWING = f"round(0.96 * ({COST}) / (({COST}) + 600000.0) - 0.2 * ({SPREAD}) * ({SPREAD}) - 0.02, 3)"


def copy(db, table, source, **changes):
    """Adds to a table the rows of `source` (all columns of a row of the table, and n): all copied but for the changes.

    What may be absent and is called a digest is left out, for it would be that of another row.
    """
    columns = [(c[1], c[3] or c[5]) for c in db.execute(f"PRAGMA table_info({table})")]
    missing = [c for c in changes if c not in dict(columns)]
    assert not missing, f"{table} has no {missing}"
    isDigest = lambda name: any(word in name.lower() for word in ("digest", "checksum", "hash", "crc"))
    values = [changes.get(c, "NULL" if isDigest(c) and not isNeeded else f'"{c}"') for c, isNeeded in columns]
    names = ", ".join(f'"{c}"' for c, _ in columns)
    db.execute(f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM ({source})")


def numbers(first, last):
    """A series of whole numbers as the table `series`."""
    return f"WITH RECURSIVE series(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last})"


def fill(db, run, total, accuracy=UNIFORM):
    """Gives a completed run so many candidates in all; returns how many rows candidates and measurements have then."""
    first, = db.execute("SELECT max(number) FROM candidates WHERE run = ?", (run,)).fetchone()
    measured = "state = 'completed' AND kind IN ('accuracy', 'loss')"
    # The rows that stand for others, by number from 0: candidates with both measurements, on the newest weights.
    db.execute(f"""CREATE TEMP TABLE models AS SELECT row_number() OVER (ORDER BY number) - 1 AS model, number AS original
        FROM candidates WHERE run = '{run}' AND weights_step = (SELECT max(weights_step) FROM candidates WHERE run = '{run}')
        AND 2 = (SELECT count(*) FROM measurements m WHERE m.run = candidates.run AND m.candidate = number AND {measured})""")
    count, = db.execute("SELECT count(*) FROM models").fetchone()
    assert count, "the small run measured nothing"
    series = numbers(first + 1, total)
    db.execute("BEGIN")
    copy(db, "candidates", f"{series} SELECT candidates.*, n FROM series JOIN models ON model = n % {count} "
         f"JOIN candidates ON run = '{run}' AND number = original", number="n", key="printf('%032x', n)", origin="'mutation'",
         params="100000 + n * 2654435761 % 900001", multiply_adds=COST)
    copy(db, "measurements", f"{series} SELECT measurements.*, n FROM series JOIN models ON model = n % {count} "
         f"JOIN measurements ON run = '{run}' AND candidate = original AND {measured}", candidate="n", value=accuracy)
    # What stands beside the run of its rows tells of the few that it had itself; without it they are taken as they are.
    if "results_digest" in [c[1] for c in db.execute("PRAGMA table_info(runs)")]:
        db.execute("UPDATE runs SET results_digest = NULL WHERE id = ?", (run,))
    db.execute("COMMIT")
    return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("candidates", "measurements")]


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    database = sqlite3.connect(sys.argv[1], isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    print(*fill(database, sys.argv[2], int(sys.argv[3]), GROWING))
