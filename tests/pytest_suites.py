"""Test suites of somebody else's, run by a pytest of their own that has the plugin and nothing of ours."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from running_server import neutral_environment


@dataclass(frozen=True)
class Run:
    code: int
    text: str

    def __contains__(self, text: str) -> bool:
        return text in self.text


def run(folder: Path, suite: str, *options: str, ini: str = "", **environment: str) -> Run:
    """Run a file of tests. `ini` are lines of pytest.ini."""
    (folder / "test_theirs.py").write_text(suite)
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    command = [sys.executable, "-m", "pytest", "-p", "skysail.pytest_plugin", "-rs", *options]
    done = subprocess.run(
        command,
        cwd=folder,
        env=neutral_environment(folder, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", **environment),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Run(done.returncode, done.stdout + done.stderr)
