"""The store: one SQLite file of plain tables. `schema` opens it, `writer` is the only way in; readers have `scraper.query`."""
