"""The examples in a document, and a shell-like session that runs them as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTED_ADDRESS = "http://127.0.0.1:4570"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_READY_S = 30


class Example(NamedTuple):
    """A fenced block of a document: its language, its text, and the text of an `output` block right behind it."""

    language: str
    text: str
    output: str | None


def examples(document: str) -> list[Example]:
    blocks = _BLOCK.findall(document)
    following = [*blocks[1:], ("", "")][: len(blocks)]
    return [
        Example(language, text, after if kind == "output" else None)
        for (language, text), (kind, after) in zip(blocks, following, strict=True)
        if language != "output"
    ]


def commands(text: str) -> list[str]:
    """The commands of a console block, continued lines joined."""
    joined = text.replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in joined.splitlines() if line.startswith("$ ")]


class Reader:
    """Somebody who follows a document in an empty folder, with nothing set up but the package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(folder),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._servers: list[subprocess.Popen[bytes]] = []
        self._address = DOCUMENTED_ADDRESS

    def follow(self, example: Example) -> None:
        """Do what an example shows. Raises AssertionError where it does not come out as shown."""
        if example.language == "python":
            printed = self._run([sys.executable, "-c", example.text])
            assert example.output in (None, printed)
        elif example.language == "console":
            for command in commands(example.text):
                self._type(command)

    def leave(self) -> None:
        for server in self._servers:
            server.terminate()
            server.wait()

    def _type(self, command: str) -> None:
        command = command.replace(DOCUMENTED_ADDRESS, self._address)
        words = shlex.split(command)
        if words[0] == "make":
            assert f"\n{words[1]}:" in (PROJECT / "Makefile").read_text()
        elif words[:2] == ["skysail", "serve"]:
            self._serve(words)
        elif words[0] == "export":
            for word in words[1:]:
                name, _, value = word.partition("=")
                self._environment[name] = value
        elif words[0] != "pip":
            self._run(["bash", "-euc", command])

    def _serve(self, words: list[str]) -> None:
        ready = self._folder / f"ready-{len(self._servers)}"
        command = [*words, "--port", "0", "--ready-file", str(ready)]
        server = subprocess.Popen(command, cwd=self._folder, env=self._environment, stderr=subprocess.DEVNULL)
        self._servers.append(server)
        patience = time.monotonic() + _READY_S
        while not ready.exists() or not ready.read_text().strip():
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < patience, "the server is not ready"
            os.sched_yield()
        self._address = ready.read_text().strip()

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, cwd=self._folder, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command[-1]}\n{done.stderr}"
        return done.stdout
