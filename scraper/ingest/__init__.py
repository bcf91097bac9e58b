"""The edges: files, processes and time. What is printed comes in here as bytes; nothing in here parses a line."""
