"""The floor: what somebody writes in ten minutes for one known format. One regex, one row a value, one transaction a thousand lines.

    python floor.py LOG STORE
"""

import re
import sqlite3
import sys

LINE = re.compile(r"iter (\d+): loss ([\d.]+), time ([\d.]+)ms, mfu (-?[\d.]+)%")
database = sqlite3.connect(sys.argv[2])
database.execute("CREATE TABLE points (step INTEGER, metric TEXT, value REAL)")
rows: list[tuple[int, str, float]] = []
with open(sys.argv[1], encoding="utf-8") as log:  # noqa: PTH123 - as written in ten minutes
    for line in log:
        m = LINE.match(line)
        if m:
            step = int(m[1])
            rows += [(step, "loss", float(m[2])), (step, "time", float(m[3])), (step, "mfu", float(m[4]))]
        if len(rows) >= 3000:
            database.executemany("INSERT INTO points VALUES (?, ?, ?)", rows)
            database.commit()
            rows.clear()
database.executemany("INSERT INTO points VALUES (?, ?, ?)", rows)
database.commit()
