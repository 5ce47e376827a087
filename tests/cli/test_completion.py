"""Completion: what fits where the cursor is, and the shells that ask."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from running_server import SKYSAIL, neutral_environment

CONFIG = "[profile prod-eu]\nregion = eu-west-1\n[profile prod-us]\n[default]\n"


@pytest.fixture
def surroundings(tmp_path):
    """An environment with profiles, and a folder for what was listed."""
    (tmp_path / "config").write_text(CONFIG)
    return neutral_environment(tmp_path, AWS_CONFIG_FILE=str(tmp_path / "config"))


@pytest.fixture
def complete(cli, bench, surroundings):
    """`complete("instances --regi")`: what may stand in the place of the last word."""

    def call(line, shell="fish"):
        told = cli("completion", shell, "--", *line.split(" "), bench=bench, environ=surroundings)
        assert (told.status, told.err) == (0, "")
        return told.out.splitlines()

    return call


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("re", ["regions", "reset"]),
        ("dom", ["domains"]),
        ("list static", ["static-ips"]),
        ("disks --reg", ["--region"]),
        ("--region us-east-1 disks -o js", ["json", "jsonl"]),
        ("--vers", ["--version"]),
        ("--region eu-n", ["eu-north-1"]),
        ("--region us-west-2 inst", ["instances"]),
        ("instances st", ["start", "stop"]),
        ("instances --regi", ["--region"]),
        ("instances --region us-e", ["us-east-1", "us-east-2"]),
        ("instances --region=eu-n", ["--region=eu-north-1"]),
        ("instances --region a", ["ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1",
                                  "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "all"]),
        ("instances --profile ", ["default", "prod-eu", "prod-us"]),
        ("instances -o js", ["json", "jsonl"]),
        ("instances --output=ans", ["--output=ansible"]),
        ("instances --color ", ["auto", "always", "never"]),
        ("instances --columns name,pu", ["name,public-ip"]),
        ("instances --columns +ra", ["+ram"]),
        ("instances --sort -ag", ["-age"]),
        ("bundles --columns usd", ["usd/mo"]),
        ("instances --output-file ", [":files"]),
        ("instances create web --bundle small_3", ["small_3_0"]),
        ("instances create web --bundle small_3 --region ap-south-1 --zone ", ["ap-south-1a", "ap-south-1b"]),
        ("instances create web --region ap-south-1 --bundle small_3", ["small_3_1"]),
        ("instances create web --blueprint debian_1", ["debian_12", "debian_11"]),
        ("instances create web --user-data ", [":files"]),
        ("instances create ", []),
        ("--profile prod-eu instances create web --zone ", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ("metrics web --metric Netw", ["NetworkIn", "NetworkOut"]),
        ("call GetInstanceS", ["GetInstanceSnapshot", "GetInstanceSnapshots", "GetInstanceState"]),
        ("ports ", ["show", "set", "open", "close"]),
        ("import ", [":files"]),
        ("completion f", ["fish"]),
        ("nonsense x", []),
        ("instances --nonsense=x", []),
        ("ssh web -- --pri", []),
    ],
)  # fmt: skip
def test_what_fits_where_the_cursor_is(complete, line, found):
    offered = complete(line)
    assert offered == found or (found and set(found) <= set(offered) and len(offered) < 12)


def test_every_command_and_every_option_of_it_is_offered(complete):
    from importlib import import_module

    from skysail.cli.commands import COMMANDS, NOUNS

    assert complete("") == [*dict.fromkeys(name.partition(" ")[0] for name in COMMANDS), *NOUNS]
    for name, module in COMMANDS.items():
        parameters = import_module(module).command.params
        spellings = {one for parameter in parameters for one in (*parameter.opts, *parameter.secondary_opts)}
        assert set(complete(f"{name} -")) == {one for one in spellings if one.startswith("-")} | {"--help"}


@pytest.fixture
def listed(cli, bench, surroundings):
    """A listing of web-1, web-2 and db has just been looked at."""
    bench.create("web-1", "web-2", "db")
    assert cli("instances", bench=bench, environ=surroundings).status == 0
    return bench


def test_instances_are_completed_by_the_last_listing(complete, listed):
    assert complete("ssh w") == ["web-2", "web-1"]
    assert complete("instances stop web-1 w") == ["web-2"]
    assert complete("instances show --region us-east-1 d") == ["db"]
    assert complete("ports set d") == ["db"]
    assert complete("instances create w") == []


@pytest.mark.parametrize("words", ["--region eu-west-1", "--profile prod-eu", "--endpoint demo"])
def test_of_another_place_nothing_is_known(complete, listed, words):
    assert complete(f"ssh {words} w") == []
    assert complete(f"{words} ssh w") == []


def test_after_ten_minutes_a_listing_is_too_old(complete, listed):
    listed.clock.advance(599)
    assert complete("ssh d") == ["db"]
    listed.clock.advance(2)
    assert complete("ssh d") == []


@pytest.mark.parametrize("words", [["--max-items", "1"], ["--columns", "state"]])
def test_a_part_of_a_listing_is_not_taken_for_it(cli, complete, bench, surroundings, words):
    bench.create("web-1", "web-2")
    assert cli("instances", *words, bench=bench, environ=surroundings).status == 0
    assert complete("ssh w") == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["instances", "--region", "=", "eu-n"], ["eu-north-1"]),
        (["instances", "--region", "="], ["us-west-2"]),
        (["instances", "--endpoint", "loc"], ["local:"]),
        (["instances", "--endpoint", "http", ":", "//1"], ["//127.0.0.1:4570"]),
        (["instances", "--where", "tag", ":", "role", "=", "web", "--sor"], ["--sort"]),
    ],
)
def test_bash_breaks_words_at_equals_and_colons(cli, surroundings, words, found):
    told = cli("completion", "bash", "--", *words, environ=surroundings)
    assert set(found) <= set(told.out.splitlines())


# --- the shells themselves --------------------------------------------------------------------------------


@pytest.fixture
def shell_environment(listed, surroundings):
    """The installed command is on the PATH, and the names are fresh by the machine's clock."""
    import json
    from pathlib import Path

    for path in Path(surroundings["HOME"], ".cache", "skysail", "names").iterdir():
        path.write_text(json.dumps({**json.loads(path.read_text()), "at": time.time()}))
    return {**surroundings, "PATH": f"{SKYSAIL.parent}{os.pathsep}{os.environ['PATH']}"}


BASH = """
source <(skysail completion bash)
ask() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _skysail
    printf '%s\\n' "${{COMPREPLY[@]}}"
}}
complete -p skysail >/dev/null || exit 1
{asked}
"""


@pytest.mark.whole
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("ask skysail ssh w", ["web-2", "web-1"]),
        ("ask skysail instances --region = eu-n", ["eu-north-1"]),
        ("ask skysail check ./fl", ["./fleet.db"]),
    ],
)
def test_in_bash(shell_environment, tmp_path, asked, found):
    (tmp_path / "fleet.db").touch()
    told = subprocess.run(
        ["bash", "--norc", "-c", BASH.format(asked=asked)],
        env=shell_environment, cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert told.stdout.splitlines() == found, told.stderr


@pytest.mark.whole
@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("skysail ssh w", {"web-1", "web-2"}),
        ("skysail ssh ", {"web-1", "web-2", "db"}),
        ("skysail instances --region=eu-n", {"--region=eu-north-1"}),
        ("skysail check ./fl", {"./fleet.db"}),
    ],
)
def test_in_fish(shell_environment, tmp_path, line, found):
    (tmp_path / "fleet.db").touch()
    told = subprocess.run(
        ["fish", "--no-config", "-c", f"skysail completion fish | source; complete -C '{line}'"],
        env=shell_environment, cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert {offered.partition("\t")[0] for offered in told.stdout.splitlines()} == found, told.stderr


@pytest.mark.whole
@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("skysail ssh d", "skysail ssh db "),
        ("skysail instances --region eu-n", "skysail instances --region eu-north-1 "),
        ("skysail check ./fl", "skysail check ./fleet.db "),
    ],
)
def test_in_zsh(shell_environment, tmp_path, typed, completed):
    (tmp_path / "fleet.db").touch()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**shell_environment, "TERM": "dumb", "PS1": "READY> "})
    try:
        os.write(terminal, b"autoload -Uz compinit; compinit -u -D; source <(skysail completion zsh); echo SET''UP\n")
        _read_until(terminal, "SETUP\r\n")
        os.write(terminal, f"{typed}\t".encode())
        assert completed in _read_until(terminal, completed)
    finally:
        os.write(terminal, b"\x15exit\n")
        os.waitpid(pid, 0)
        os.close(terminal)


def _read_until(terminal, text):
    """What the terminal has shown, as far as it came within half a minute; control sequences are left out."""
    shown = ""
    ends = time.monotonic() + 30
    while text not in shown and time.monotonic() < ends:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536).decode()
            shown = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]", "", shown)
    return shown
