PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO _sqlite_migrations VALUES(1,'metric-scraper','001_tables','2026-11-21 09:44:29.784397+00:00');
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created REAL NOT NULL
);
INSERT INTO experiments VALUES(1,'default',1795254269.7895126342);
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
INSERT INTO runs VALUES(1,'20261121-054640-nogit-ue5','train',1,'tail','finished','[]','','','',NULL,1795240000.0,NULL,1795254269.7901573181,NULL,NULL,'','',NULL,'','{}','{}','[]','','');
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
INSERT INTO sources VALUES(1,1,0,'train.log',2049,4711,'abababababababababababababababab',1024,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',4440,74,X'7b2273746570223a20317d','{}',0,'{}',NULL,1795254269.7901573181);
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
INSERT INTO series VALUES(1,1,'loss','{}',0,16,3,0,0,NULL,1,0,0,0.0,1795240000.0,4.0,0,4380,73,NULL,NULL,1.0000000000000000047e+300,0,660,11,1.0,0.33329999999999998516,4380,73,NULL,1.0000000000000000047e+300,1.0000000000000000047e+300);
INSERT INTO series VALUES(2,1,'lr','{}',0,12,0,0,0,NULL,1,0,0,NULL,1795240000.3333332538,0.0,0,660,11,NULL,1795240004.1833331584,0.00047142857142857137178,0,0,0,NULL,0.0,660,11,NULL,0.00047142857142857137178,0.0028285714285714281222);
INSERT INTO series VALUES(3,1,'tokens','{}',0,12,0,0,0,NULL,1,0,NULL,0.0,NULL,0.0,0,660,NULL,1.1000000000000000888,NULL,11000.0,0,0,NULL,0.0,0.0,660,NULL,1.1000000000000000888,11000.0,66000.0);
CREATE TABLE points (
    series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,                -- position of the printed line in the run's log
    step INTEGER, epoch REAL, time REAL,
    value REAL,                         -- NULL when kind is not 0
    kind INTEGER NOT NULL DEFAULT 0,    -- 0 finite, 1 NaN, 2 Infinity, 3 -Infinity
    step_kind INTEGER NOT NULL DEFAULT 0, -- 0 explicit, 1 derived, 2 bar, 3 samples, 4 inherited, 5 epoch, 6 count
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;
INSERT INTO points VALUES(1,0,0,0.0,1795240000.0,4.0,0,0);
INSERT INTO points VALUES(1,60,1,0.0,1795240000.3499999046,2.0,0,0);
INSERT INTO points VALUES(1,120,2,0.0,1795240000.7000000476,1.3332999999999999296,0,0);
INSERT INTO points VALUES(1,180,3,0.0,1795240001.0499999522,1.0,0,0);
INSERT INTO points VALUES(1,240,4,0.0,1795240001.4000000953,0.8000000000000000444,0,0);
INSERT INTO points VALUES(1,300,5,0.0,1795240001.7499999999,0.66669999999999995932,0,0);
INSERT INTO points VALUES(1,360,6,0.0,1795240002.0999999046,0.571400000000000019,0,0);
INSERT INTO points VALUES(1,420,7,0.0,1795240002.4500000477,0.5,0,0);
INSERT INTO points VALUES(1,480,8,0.0,1795240002.7999999523,0.44440000000000001723,0,0);
INSERT INTO points VALUES(1,540,9,0.0,1795240003.1500000953,0.4000000000000000222,0,0);
INSERT INTO points VALUES(1,600,10,1.0,1795240003.5,0.36359999999999997877,0,0);
INSERT INTO points VALUES(1,660,11,1.0,1795240003.8499999046,0.33329999999999998516,0,0);
INSERT INTO points VALUES(1,4200,70,NULL,1795240030.5,NULL,1,0);
INSERT INTO points VALUES(1,4260,71,NULL,NULL,NULL,2,0);
INSERT INTO points VALUES(1,4320,72,NULL,NULL,NULL,3,6);
INSERT INTO points VALUES(1,4380,73,NULL,NULL,1.0000000000000000047e+300,0,0);
INSERT INTO points VALUES(2,0,0,NULL,1795240000.3333332538,0.0,0,4);
INSERT INTO points VALUES(2,60,1,NULL,1795240000.6833331584,4.285714285714285629e-05,0,4);
INSERT INTO points VALUES(2,120,2,NULL,1795240001.0333333015,8.571428571428571258e-05,0,4);
INSERT INTO points VALUES(2,180,3,NULL,1795240001.3833332061,0.00012857142857142857565,0,4);
INSERT INTO points VALUES(2,240,4,NULL,1795240001.7333333491,0.00017142857142857142517,0,4);
INSERT INTO points VALUES(2,300,5,NULL,1795240002.0833332539,0.00021428571428571424758,0,4);
INSERT INTO points VALUES(2,360,6,NULL,1795240002.4333331584,0.0002571428571428571513,0,4);
INSERT INTO points VALUES(2,420,7,NULL,1795240002.7833333015,0.00029999999999999997371,0,4);
INSERT INTO points VALUES(2,480,8,NULL,1795240003.1333332062,0.00034285714285714285034,0,4);
INSERT INTO points VALUES(2,540,9,NULL,1795240003.4833333492,0.00038571428571428567275,0,4);
INSERT INTO points VALUES(2,600,10,NULL,1795240003.8333332538,0.00042857142857142849516,0,4);
INSERT INTO points VALUES(2,660,11,NULL,1795240004.1833331584,0.00047142857142857137178,0,4);
INSERT INTO points VALUES(3,0,NULL,0.0,NULL,0.0,0,5);
INSERT INTO points VALUES(3,60,NULL,0.10000000000000000555,NULL,1000.0,0,5);
INSERT INTO points VALUES(3,120,NULL,0.2000000000000000111,NULL,2000.0,0,5);
INSERT INTO points VALUES(3,180,NULL,0.29999999999999998889,NULL,3000.0,0,5);
INSERT INTO points VALUES(3,240,NULL,0.4000000000000000222,NULL,4000.0,0,5);
INSERT INTO points VALUES(3,300,NULL,0.5,NULL,5000.0,0,5);
INSERT INTO points VALUES(3,360,NULL,0.59999999999999997779,NULL,6000.0,0,5);
INSERT INTO points VALUES(3,420,NULL,0.69999999999999995559,NULL,7000.0,0,5);
INSERT INTO points VALUES(3,480,NULL,0.8000000000000000444,NULL,8000.0,0,5);
INSERT INTO points VALUES(3,540,NULL,0.9000000000000000222,NULL,9000.0,0,5);
INSERT INTO points VALUES(3,600,NULL,1.0,NULL,10000.0,0,5);
INSERT INTO points VALUES(3,660,NULL,1.1000000000000000888,NULL,11000.0,0,5);
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
INSERT INTO rollups VALUES(1,1,0,16,3,0,0,0.0,1795240000.0,4.0,4380,73,NULL,NULL,1.0000000000000000047e+300,660,11,1.0,1795240003.8499999046,0.33329999999999998516,4380,73,NULL,NULL,1.0000000000000000047e+300,1.0000000000000000047e+300);
INSERT INTO rollups VALUES(2,1,0,12,0,0,0,NULL,1795240000.3333332538,0.0,660,11,NULL,1795240004.1833331584,0.00047142857142857137178,0,0,NULL,1795240000.3333332538,0.0,660,11,NULL,1795240004.1833331584,0.00047142857142857137178,0.0028285714285714281222);
INSERT INTO rollups VALUES(3,1,0,12,0,0,NULL,0.0,NULL,0.0,660,NULL,1.1000000000000000888,NULL,11000.0,0,NULL,0.0,NULL,0.0,660,NULL,1.1000000000000000888,NULL,11000.0,66000.0);
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    at INTEGER NOT NULL, kind TEXT NOT NULL,
    step INTEGER, epoch REAL, time REAL,
    line TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '{}',
    UNIQUE (run_key, at, kind)
);
INSERT INTO events VALUES(1,1,0,'checkpoint',1,NULL,NULL,'saved','{}');
CREATE TABLE metric_definitions (
    metric TEXT PRIMARY KEY,
    label TEXT NOT NULL DEFAULT '', format TEXT NOT NULL DEFAULT 'float', unit TEXT NOT NULL DEFAULT '',
    higher_is_better INTEGER, description TEXT NOT NULL DEFAULT '', tier TEXT NOT NULL DEFAULT 'custom', pack TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX runs_by_experiment ON runs(experiment_id, id);
CREATE INDEX sources_by_file ON sources(device, inode);
CREATE INDEX sources_by_path ON sources(path);
CREATE VIEW metric_points AS
SELECT runs.id AS run, runs.name AS name, experiments.name AS experiment, series.metric AS metric, series.labels AS labels,
       series.attempt AS attempt, points.step AS step, points.epoch AS epoch, points.time AS time,
       CASE points.kind WHEN 0 THEN points.value WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE '-Infinity' END AS value,
       points.at AS at
FROM points
JOIN series ON series.id = points.series_id
JOIN runs ON runs.key = series.run_key
JOIN experiments ON experiments.id = runs.experiment_id;
PRAGMA application_id=1296389202;
PRAGMA user_version=1;
COMMIT;
