"""`skysail serve`: says where it is when it answers, and refuses in one line what cannot be."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from running_server import SKYSAIL, neutral_environment
from skysail.cli.serve import Held, loopback, start_text
from skysail.version import VERSION

URL = "http://127.0.0.1:4570"


def test_the_start_text_ends_with_ready():
    assert (
        start_text(URL, Held("fleet.db", 2140, 3), "real", is_open=True)
        == f"""\
skysail {VERSION}   store fleet.db (2,140 instances, 3 accounts)   pace real   auth none, loopback only
  API     {URL}   export AWS_ENDPOINT_URL_LIGHTSAIL={URL}
  console {URL}/console/
  health  /_skysail/health   live, ready, store, clock as JSON
  keys    any; the access key picks the account: 111122223333 is account 111122223333
Ready.
"""
    )


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (Held(None, 0, 0), "in memory   pace"),
        (Held("f.db", 0, 0), "store f.db (0 instances)   pace"),
        (Held("f.db", 1, 1), "store f.db (1 instance, 1 account)   pace"),
        (Held("f.db", 10_000, 2, True), "store f.db (more than 10,000 instances)   pace"),
    ],
)
def test_the_start_text_says_what_is_in_the_store(held, told):
    text = start_text(URL, held, "brisk", is_open=False)
    assert told in text
    assert "auth keys, signatures checked\n" in text
    assert "keys    any" not in text


def test_the_start_text_says_where_operations_are_missing():
    only = start_text(URL, Held("f.db", 1, 1, only_account="444455556666"), "brisk", is_open=True)
    assert "picks the account: 444455556666 is account 444455556666" in only
    text = start_text(URL, Held(None, 0, 0), "brisk", is_open=True, missing=3)
    assert "\n  lacks   3 of the API's operations: skysail operations --missing\nReady.\n" in text
    assert "lacks" not in start_text(URL, Held(None, 0, 0), "brisk", is_open=True)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("127.9.9.9", "127.9.9.9"), ("localhost", "127.0.0.1"), ("::1", "::1"),
     ("0.0.0.0", None), ("::", None), ("192.0.2.1", None), ("example.com", None), ("", None)],
)  # fmt: skip
def test_only_loopback_addresses_need_no_keys(host, address):
    assert loopback(host) == address


def serve(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SKYSAIL), "serve", *options],
        cwd=folder, env=neutral_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_ready_is_said_once_when_it_answers_and_the_ready_file_holds_the_address(tmp_path):
    (tmp_path / "url.txt").write_text("of a former run\n")
    process = serve(tmp_path, "--port", "0", "--ready-file", "url.txt", "--data", "fleet.db", "--pace", "real")
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "Ready.\n":
            break
    url = (tmp_path / "url.txt").read_text().strip()
    assert lines[1] == f"  API     {url}   export AWS_ENDPOINT_URL_LIGHTSAIL={url}\n"
    with urllib.request.urlopen(f"{url}/_skysail/health") as answer:
        assert json.load(answer)["status"] == "ready"

    port = url.rpartition(":")[2]
    second = serve(tmp_path, "--port", port)
    assert second.communicate(timeout=30) == (
        "",
        f"error: port {port} is in use by another program — --port 0 takes a free one and prints it\n",
    )
    assert second.returncode == 1

    process.terminate()
    rest, errors = process.communicate(timeout=30)
    assert ("Ready." in rest, errors, process.returncode) == (False, "", 0)
    assert not (tmp_path / "url.txt").exists()


def test_the_start_text_names_a_clock_that_is_not_the_machines():
    assert "   clock manual   " in start_text(URL, Held(None, 0, 0), "brisk", 0, is_open=True)
    assert "   clock x60   " in start_text(URL, Held(None, 0, 0), "brisk", 60, is_open=True)


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (
            ["--host", "0.0.0.0"], 2,
            "--host 0.0.0.0 without --auth would let everyone in — make keys: skysail token new > keys.toml; "
            "skysail serve --auth keys.toml",
        ),
        (["--data", "{junk}"], 1, "{junk} is not a skysail store (nor any SQLite database) — name another file"),
        (["--data", "mysql://h/d"], 2, "--data mysql://h/d: stores are in files or in PostgreSQL — --data fleet.db"),
        (["--data", "postgresql://me:s3cret@127.0.0.1:1/d"], 1, "cannot use postgresql://127.0.0.1:1/d: "),
        (["--auth", "{junk}"], 2, "{junk} is not TOML: "),
        (["--auth", "{absent}"], 2, "cannot read the keys in {absent}: No such file or directory\n"),
        (["--ready-file", "{absent}/url", "--port", "0"], 2, "cannot write --ready-file {absent}/url: No such file"),
        (["--port", "70000"], 2, "--port: 70000 is not in the range 0<=x<=65535"),
        (["--clock", "fast"], 2, "--clock fast is none of real, manual, x60 (60 times as fast)"),
        (["--pace", "slow"], 2, "--pace: slow is not one of instant, brisk, real"),
        (
            ["--workers", "2"], 2,
            "--workers 2 without --data: what is in memory is in one process — "
            "skysail serve --workers 2 --data fleet.db",
        ),
        (["--workers", "0"], 2, "--workers: 0 is not in the range 1<=x<=64"),
        (["--seed", "{absent}"], 2, "cannot read {absent}: No such file or directory"),
        (
            ["--seed", "{junk}"], 1,
            "{junk}:1: not JSON: Expecting value (column 1) — nothing was imported\n",
        ),
        (["--page-size", "0"], 2, "--page-size: 0 is not in the range x>=1"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_told_in_one_line(cli, tmp_path, arguments, status, line):
    known = {"junk": str(tmp_path / "junk.db"), "absent": str(tmp_path / "absent")}
    Path(known["junk"]).write_text("this is no store of any kind, and long enough to be looked at by SQLite")
    told = cli("serve", *(argument.format(**known) for argument in arguments))
    assert (told.status, told.out) == (status, "")
    assert told.err.startswith(f"error: {line.format(**known)}")
    assert told.err.count("\n") == 1
