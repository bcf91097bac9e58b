"""The tables of the store, and how a connection to it is opened. Owns DDL and migrations; inserts and reads nothing."""

from __future__ import annotations

# Plain tables, readable by any SQLite tool. Times are seconds since the epoch (REAL), booleans 0/1, structures JSON text.
TABLES = """
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created REAL NOT NULL
);
CREATE TABLE runs (
    key INTEGER PRIMARY KEY,            -- what other tables refer to
    id TEXT NOT NULL UNIQUE,            -- sorts by start time: 20261121-062249-1a2b3c4-x7q
    name TEXT NOT NULL,
    experiment_id INTEGER NOT NULL REFERENCES experiments(id),
    kind TEXT NOT NULL,                 -- run, tail or daemon
    status TEXT NOT NULL,               -- running, finished, failed, killed, lost (its recorder vanished), ended (a log read to its end)
    command TEXT NOT NULL DEFAULT '[]', -- JSON array of arguments
    cwd TEXT, host TEXT, user TEXT, pid INTEGER,
    started REAL, ended REAL,           -- NULL: not known
    heartbeat REAL,                     -- when its scraper last wrote anything
    exit_code INTEGER,                  -- as a shell shows it
    signal INTEGER,                     -- the signal that ended the command
    git_commit TEXT, git_branch TEXT, git_dirty INTEGER,
    python TEXT, hardware TEXT NOT NULL DEFAULT '{}', environment TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]', note TEXT NOT NULL DEFAULT '',
    log_path TEXT
);
CREATE INDEX runs_by_experiment ON runs(experiment_id, id);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,           -- 0 first; a point's position is ordinal << 40 | byte offset
    path TEXT NOT NULL,                 -- where it was when it was last seen
    device INTEGER NOT NULL, inode INTEGER NOT NULL,
    head_hash TEXT NOT NULL, head_size INTEGER NOT NULL,
    tail_hash TEXT NOT NULL DEFAULT '',
    "offset" INTEGER NOT NULL DEFAULT 0,
    line_number INTEGER NOT NULL DEFAULT 0,
    parser_state BLOB,
    counters TEXT NOT NULL DEFAULT '{}', -- JSON: lines, matched, and everything discarded, by reason
    finished INTEGER NOT NULL DEFAULT 0,
    labels TEXT NOT NULL DEFAULT '{}',  -- JSON: labels put on every point of this source
    holder TEXT,                        -- JSON {"host", "pid", "started", "namespace"} of the process that ingests it; NULL: nobody
    updated REAL,
    UNIQUE (run_key, ordinal)
);
CREATE INDEX sources_by_file ON sources(device, inode);
CREATE INDEX sources_by_path ON sources(path);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL DEFAULT '{}',  -- JSON object, sorted keys
    attempt INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0,   -- every point ever stored, thinned ones too
    non_finite INTEGER NOT NULL DEFAULT 0,
    thinned INTEGER NOT NULL DEFAULT 0, -- raw points removed by retention; their rollups remain
    raw_from INTEGER NOT NULL DEFAULT 0, -- retention is done with the points numbered below this, a multiple of 64: level-1 buckets
                                        -- below raw_from / 64 stand for them, and `points` still has their non-finite, first, best
    raw_from_at INTEGER,                -- every point from this position on is in `points`; NULL: nothing was thinned
    ordered INTEGER NOT NULL DEFAULT 1, -- 0: a point arrived behind a later position, so buckets (numbered by arrival) may overlap in
                                        -- position; if such a series is thinned, draw all of it from rollups
    first_at INTEGER, first_step INTEGER, first_epoch REAL, first_time REAL, first_value REAL, first_kind INTEGER,
    last_at INTEGER, last_step INTEGER, last_epoch REAL, last_time REAL, last_value REAL, last_kind INTEGER, -- by position
    min_at INTEGER, min_step INTEGER, min_epoch REAL, min_value REAL,  -- over finite values; NULL when there is none
    max_at INTEGER, max_step INTEGER, max_epoch REAL, max_value REAL,
    sum REAL NOT NULL DEFAULT 0,        -- of finite values
    UNIQUE (run_key, metric, labels, attempt)
);
CREATE TABLE points (
    series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,                -- position of the printed line in the run's log
    step INTEGER, epoch REAL, time REAL,
    value REAL,                         -- NULL when kind is not 0
    kind INTEGER NOT NULL DEFAULT 0,    -- 0 finite, 1 NaN, 2 Infinity, 3 -Infinity
    step_kind INTEGER NOT NULL DEFAULT 0, -- 0 explicit, 1 derived, 2 bar, 3 samples, 4 inherited, 5 epoch, 6 count
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;
CREATE TABLE rollups (
    series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
    level INTEGER NOT NULL,             -- a bucket of level k (1..5) covers 64^k points; level k exists once count > 64^(k-1)
    bucket INTEGER NOT NULL,            -- number of its first point in the series (0 first, by arrival) // 64^k; the newest is partial
    count INTEGER NOT NULL, non_finite INTEGER NOT NULL,
    first_at INTEGER, first_step INTEGER, first_epoch REAL, first_time REAL, first_value REAL,  -- over finite values, as all below
    last_at INTEGER, last_step INTEGER, last_epoch REAL, last_time REAL, last_value REAL,
    min_at INTEGER, min_step INTEGER, min_epoch REAL, min_time REAL, min_value REAL,
    max_at INTEGER, max_step INTEGER, max_epoch REAL, max_time REAL, max_value REAL,
    sum REAL NOT NULL,
    PRIMARY KEY (series_id, level, bucket)
) WITHOUT ROWID;
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    at INTEGER NOT NULL, kind TEXT NOT NULL,
    step INTEGER, epoch REAL, time REAL,
    line TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '{}',
    UNIQUE (run_key, at, kind)
);
CREATE TABLE metric_definitions (
    metric TEXT PRIMARY KEY,
    label TEXT NOT NULL DEFAULT '', format TEXT NOT NULL DEFAULT 'float', unit TEXT NOT NULL DEFAULT '',
    higher_is_better INTEGER, description TEXT NOT NULL DEFAULT '', tier TEXT NOT NULL DEFAULT 'custom', pack TEXT NOT NULL DEFAULT ''
);
CREATE VIEW metric_points AS
SELECT runs.id AS run, runs.name AS name, experiments.name AS experiment, series.metric AS metric, series.labels AS labels,
       series.attempt AS attempt, points.step AS step, points.epoch AS epoch, points.time AS time,
       CASE points.kind WHEN 0 THEN points.value WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE '-Infinity' END AS value,
       points.at AS at
FROM points
JOIN series ON series.id = points.series_id
JOIN runs ON runs.key = series.run_key
JOIN experiments ON experiments.id = runs.experiment_id;
"""
