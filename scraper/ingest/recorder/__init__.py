"""The process that owns a wrapped command: its terminal, its output on the way through, and the record of both.

It runs as a directory of its own (`python -I -S …/scraper/ingest/recorder OPTIONS COMMAND…`) and imports the standard library
alone. It refuses to parse, to open a database, and to let anything but the command itself slow or end the command.
"""
