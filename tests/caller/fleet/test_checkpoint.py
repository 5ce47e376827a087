"""A walk's file: replaced as a whole, by one walk at a time."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skysail.caller.fleet.checkpoint import Checkpoint
from skysail.errors import CheckpointError


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "walk.json")
    assert first.read() is None
    first.write({"a": 1})
    first.write({"a": [None, "ü"]})
    first.close()
    assert Checkpoint(tmp_path / "walk.json").read() == {"a": [None, "ü"]}


def test_one_walk_at_a_time_has_the_file(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "walk.json")
    with pytest.raises(CheckpointError, match="another walk"):
        Checkpoint(tmp_path / "walk.json")
    first.close()
    Checkpoint(tmp_path / "walk.json").close()


def test_the_file_is_free_when_nobody_holds_the_object(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "walk.json")
    del first
    gc.collect()
    Checkpoint(tmp_path / "walk.json").close()


def test_nothing_but_the_file_is_left_behind(tmp_path: Path) -> None:
    with_file = Checkpoint(tmp_path / "walk.json")
    with_file.write({})
    with_file.close()
    with_file.close()
    assert os.listdir(tmp_path) == ["walk.json"]


def test_a_closed_checkpoint_writes_no_more(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "walk.json")
    first.close()
    with pytest.raises(CheckpointError, match="closed"):
        first.write({})


def test_what_cannot_be_written_leaves_the_document_before_it(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "walk.json")
    checkpoint.write({"a": 1})
    with pytest.raises(TypeError):
        checkpoint.write({"a": object()})
    (tmp_path / "walk.json.new").mkdir()  # there is no way to write beside it
    with pytest.raises(CheckpointError, match=r"walk\.json"):
        checkpoint.write({"a": 2})
    assert checkpoint.read() == {"a": 1}


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be used"):
        Checkpoint(tmp_path / "absent" / "walk.json")


def test_another_file_is_not_taken_for_a_walks(tmp_path: Path) -> None:
    (tmp_path / "walk.json").write_text("not JSON")
    with pytest.raises(CheckpointError, match="no walk's file"):
        Checkpoint(tmp_path / "walk.json").read()


HOLDER = """
import sys
from skysail.caller.fleet.checkpoint import Checkpoint
held = Checkpoint(sys.argv[1])
number = 0
print("held", flush=True)
while True:
    held.write({"number": number, "filling": "x" * 50_000})
    number += 1
"""


@pytest.mark.whole
def test_a_killed_process_leaves_a_whole_file_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "walk.json"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CheckpointError):
            Checkpoint(path)
        while not path.exists():
            pass
        holder.send_signal(signal.SIGKILL)
    assert len(Checkpoint(path).read()["filling"]) == 50_000
