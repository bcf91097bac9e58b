"""The pure core: bytes in, points out. No file, clock, thread or SQL in here; a test reads the imports."""
