"""A test that leaves a thread, a descriptor or a process behind fails, and says what it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from wrapping import ROOT, environment

LEAKS = {
    "thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='left').start()",
    "descriptor": "import os\nos.open(__file__, os.O_RDONLY)",
    "child": "import os, time\nos.fork() or time.sleep(5) or os._exit(0)",
    "process": "import os, sys\nos.system(f'{sys.executable} -c \"import time; time.sleep(5)\" &')",
}
SAID = {"thread": "thread left", "descriptor": "test_leaky.py", "child": "child ", "process": "left running"}


@pytest.mark.parametrize("kind", LEAKS)
def test_what_is_left_behind_fails_the_test_that_left_it(tmp_path: Path, kind: str) -> None:
    body = "\n".join(f"    {line}" for line in LEAKS[kind].splitlines())
    (tmp_path / "test_leaky.py").write_text(f"def test_tidy():\n    pass\ndef test_leaky():\n{body}\n")
    told = environment(LEAK_GRACE="0.5", PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}")
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    argv += ["-W", "ignore"]
    with subprocess.Popen(argv, cwd=tmp_path, env=told, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        said = "".join(line for line in iter(process.stdout.readline, ""))
        assert process.wait(60) == 1
    assert SAID[kind] in said
    assert "2 passed, 1 error" in said
