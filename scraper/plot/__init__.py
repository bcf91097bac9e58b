"""Pictures of series. Owns drawing only: what to draw comes from `query`, where it goes is the caller's."""
