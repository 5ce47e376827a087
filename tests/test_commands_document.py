"""docs/cli.md and the man page say what the commands are, and the wheel brings the man page along."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile

import pytest

from skysail.cli.commands import COMMANDS
from skysail.cli.completion import SCRIPTS
from tools import commands, dist


@pytest.mark.parametrize("path", commands.files())
def test_what_is_made_is_what_the_commands_give(path) -> None:
    assert path.read_text() == commands.files()[path], "make commands"


def test_each_command_has_its_section_in_both() -> None:
    document, page = commands.document(), commands.man_page()
    assert re.findall(r"^## skysail (.+)$", document, re.MULTILINE) == list(COMMANDS)
    assert re.findall(r"^\.SS skysail (.+)$", page, re.MULTILINE) == list(COMMANDS)


def test_a_table_says_what_an_option_takes() -> None:
    document = commands.document()
    assert "| `--wait`, `--no-wait` |  |  |" in document
    assert "| `--max-items` | a number from 1 |  |" in document
    assert "| `--blueprint` | text | required |" in document
    assert "| `-o`, `--output` | `text`, `json`, `csv` | else `text` |" in document


@pytest.mark.parametrize(
    ("program", "words"),
    [("mandoc", ["-T", "lint", "-W", "warning"]), ("groff", ["-man", "-Tutf8", "-ww", "-z"])],
)
def test_the_man_page_is_one_to_the_programs_that_show_it(program: str, words: list[str]) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    told = subprocess.run([program, *words, commands.MAN_PAGE], capture_output=True, text=True, timeout=30)
    complaints = [line for line in (told.stdout + told.stderr).splitlines() if "missing date" not in line]
    assert complaints == []


def test_man_shows_what_help_shows() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-Tutf8", "-rLL=100n", "-P-cbou", commands.MAN_PAGE]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
    lines = {line.strip() for line in shown.splitlines()}
    for _, command_ in commands.commands():
        missing = [line for line in (command_.help or "").splitlines() if line.strip() and line.strip() not in lines]
        assert missing == []


SHIPPED = {
    "share/man/man1/skysail.1": commands.man_page(),
    "share/bash-completion/completions/skysail": SCRIPTS["bash"],
    "share/zsh/site-functions/_skysail": SCRIPTS["zsh"],
    "share/fish/vendor_completions.d/skysail.fish": SCRIPTS["fish"],
}


@pytest.mark.whole
def test_the_wheel_brings_them_along_to_where_man_and_the_shells_look(tmp_path) -> None:
    wheel = next(path for path in dist.build(tmp_path) if path.suffix == ".whl")
    with zipfile.ZipFile(wheel) as files:
        found = {
            name.partition(".data/data/")[2]: files.read(name).decode()
            for name in files.namelist()
            if ".data/data/" in name
        }
    assert found == SHIPPED
