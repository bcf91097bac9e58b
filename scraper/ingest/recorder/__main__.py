"""The recorder's entry: makes this directory importable as the package `recorder`, whatever else is installed, and runs it."""

import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.path.pop(0)  # Python put this directory first, where its modules would hide others of the same name
    sys.path.append(os.path.dirname(HERE))
    importlib.import_module("recorder.main").main(sys.argv[1], sys.argv[2:])
