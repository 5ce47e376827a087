"""Finding the command, its help, and one line for whatever is wrong."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from importlib import import_module

import pytest

from skysail.cli.commands import COMMANDS, command_first
from skysail.version import VERSION


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_a_terminal_and_begins_with_examples(cli, command):
    told = cli(*filter(None, [command]), "--help")
    lines = told.out.splitlines()
    assert told.status == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert re.match("  (skysail|aws) ", lines[0])


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option_and_no_other(cli, command):
    lines = cli(command, "--help").out.splitlines()
    named = {
        name for line in lines if line.startswith("  -") for name in re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", line)
    }
    parameters = import_module(COMMANDS[command]).command.params
    names = [name for parameter in parameters for name in (*parameter.opts[:1], *parameter.secondary_opts)]
    has = {name for name in names if name.startswith("-")}
    assert named == has


def test_nothing_but_the_name_shows_the_help(cli):
    assert cli() == cli("--help")


def test_the_version_is_told(cli):
    assert cli("--version").out == f"skysail {VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("instances --regoin us-east-1", "error: no such option --regoin — did you mean --region?"),
        ("instanses", "error: no such command instanses — did you mean instances?"),
        ("xyz", "error: no such command xyz — skysail --help"),
        ("--regoin x instances", "error: no such option --regoin — skysail --help"),
        ("instances x", "error: instances: no such verb x — there are show, create, start, stop, reboot and delete"),
        (
            "disks create data",
            "error: disks: no such verb create — skysail disks lists them; for all else: skysail call --help",
        ),
        (
            "instances -o yaml",
            "error: -o: yaml is not one of table, wide, json, jsonl, csv, tsv, name, ssh-config, ansible, prometheus, "
            "parquet, arrow — skysail instances --help",
        ),
        ("instances --max-items 0", "error: --max-items: 0 is not in the range x>=1 — skysail instances --help"),
        ("instances --max-items", "error: --max-items requires an argument — skysail --help"),
        ("call", "error: Operation is missing — skysail call --help"),
        ("import page.json", "error: --into FILE|URL is missing — skysail import --help"),
        (
            "call GetInstances --region a --region b",
            "error: --region was given 2 times, and this version looks at one at a time — call it once for each region",
        ),
        (
            "call GetInstances --region all",
            "error: --region all names more than one, and this version looks at one at a time — "
            "call it once for each region",
        ),
        ("instances --max-items many", "error: --max-items: many is no number — skysail instances --help"),
        ("instances", "error: no region was named — --region us-east-1, or AWS_DEFAULT_REGION"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(cli, arguments, line):
    assert cli(*arguments.split()) == (2, "", f"{line}\n")


@pytest.mark.parametrize(
    ("arguments", "ordered"),
    [
        ("--region r instances -q", "instances --region r -q"),
        ("--region=r --debug call X a=b", "call --region=r --debug X a=b"),
        ("--region r disks -q", "list disks --region r -q"),
        ("-q -v -o json --where a=b instances", "instances -q -v -o json --where a=b"),
        ("instances --region r", "instances --region r"),
        ("--help", "--help"),
        ("--region", "--region"),
        ("", ""),
    ],
)
def test_shared_options_may_stand_before_the_command(arguments, ordered):
    assert command_first(arguments.split()) == ordered.split()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("help", "--help"),
        ("-h", "--help"),
        ("help instances stop", "instances stop --help"),
        ("help disks", "disks --help"),
        ("instances -h", "instances --help"),
        ("version", "--version"),
    ],
)
def test_help_is_found_as_people_ask_for_it(cli, typed, meant):
    assert cli(*typed.split()) == cli(*meant.split())
    assert cli(*typed.split()).status == 0


def test_an_encoding_without_our_dash_has_one_of_its_own(cli, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(written, "latin-1", "backslashreplace"))
    assert cli("instnces").status == 2
    assert written.getvalue() == b"error: no such command instnces - did you mean instances?\n"


def test_debug_adds_the_causes_above_the_line(cli):
    told = cli("instances", "--debug")
    assert "Traceback" in told.err
    assert told.err.splitlines()[-1].startswith("error: no region was named")
    assert "Traceback" not in cli("instances").err


def test_an_error_is_coloured_where_that_is_wanted(cli):
    assert cli("instances", "--color", "always").err.startswith("\x1b[31merror:\x1b[0m ")


def test_help_loads_no_service_model_and_no_client():
    program = (
        "import sys; from skysail.cli.main import run; from skysail.cli.invocation import Invocation;"
        "run(['instances', '--help'], Invocation());"
        "print(sorted({'botocore', 'msgspec', 'rich', 'urllib3', 'skysail.opening'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "is_json"),
    [
        ("instances -o json --regoin x", True),
        ("-o jsonl instances --sort", True),
        ("call X --output=json", True),
        ("instances -ojson --bad", True),
        ("instances -o csv --bad", False),
        ("json --bad", False),
    ],
)
def test_where_json_is_asked_for_errors_are_json_too(cli, words, is_json):
    told = cli(*words.split())
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith('{"error": {' if is_json else "error: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_can_be_quiet_verbose_and_without_colour(command):
    spellings = {one for parameter in import_module(COMMANDS[command]).command.params for one in parameter.opts}
    assert {"-q", "--quiet", "-v", "--verbose", "--color", "--debug"} <= spellings


def test_verbose_tells_what_the_service_called_it(cli, bench):
    told = cli("instances", "show", "web", "-v", bench=bench)
    assert re.search(
        r"there is no instance web \(NotFoundException, request [0-9a-f-]{36}, docs/errors.md#notfoundexception\) — ",
        told.err,
    )
