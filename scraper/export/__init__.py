"""Writing points out: one module a format, each turning runs into text piece by piece so that memory stays flat."""
