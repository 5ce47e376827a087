"""Files that another process reads: the same is found in the same order, and it never outlives its use."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from skysail.cli.reading_ahead import found_in, write

DOCUMENTS = [
    {"instances": [{"name": f"web-{number}", "createdAt": 1.5} for number in range(450)]},
    {"name": "odd", "createdAt": 2.0, "new": {"a": [None, "ü"]}},
    [7, {"instances": []}],
]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "a.json", tmp_path / "b.jsonl", tmp_path / "empty.json"]
    paths[0].write_text("\n".join(map(json.dumps, DOCUMENTS)))
    paths[1].write_text('{"name": "last"}\n{"name": ')
    paths[2].touch()
    return paths


def test_another_process_finds_the_same(files: list[Path]) -> None:
    here, ahead = (list(found_in(files, worth_a_process)) for worth_a_process in (2**60, 0))
    assert len(ahead) == 456
    assert ahead == here


def test_a_file_that_cannot_be_read_is_named_here_and_there(files: list[Path]) -> None:
    files[1].unlink()
    with pytest.raises(FileNotFoundError) as caught:
        list(found_in(files))
    assert caught.value.filename == str(files[1])
    pipe = BytesIO()
    write(files, pipe)
    pipe.seek(0)
    *batches, last = (pickle.load(pipe) for _ in range(3))
    assert sum(map(len, batches)) == 400, "those behind are not worth sending: nothing is stored"
    assert (type(last), last.filename) == (FileNotFoundError, str(files[1]))


def test_it_ends_when_nobody_wants_more(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_text('{"name": "web", "tags": []}\n' * 100_000)
    with closing(found_in([path], 0)) as found:
        next(found)
    children = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(path) not in children


def test_it_says_when_it_is_cut_off(files: list[Path]) -> None:
    command = [sys.executable, "-m", "skysail.cli.reading_ahead", str(files[0])]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(30) == 1
