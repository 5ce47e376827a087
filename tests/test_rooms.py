"""The rules of tools/rooms.py: kept by the package, and each of them able to fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import rooms

TREE = Path(__file__).parents[1]
Build = Callable[[dict[str, str]], Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Makes a package of the given files; every folder gets its __init__.py."""

    def build(files: dict[str, str]) -> Path:
        package = tmp_path / "skysail"
        for name, text in {"__init__.py": "", **files}.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(text)
        return package

    return build


BROKEN = {
    "a cycle of two": (
        {"world.py": "import skysail.errors", "errors.py": "from skysail import world"},
        ["world.py:1: world imports errors, in the cycle", "errors -> world -> errors"],
    ),
    "a cycle of three, to be broken where it points up the table": (
        {
            "errors.py": "import time\nfrom skysail.caller.core import call",
            "protocol/codec.py": "from ..errors import SkysailError",
            "caller/core.py": "from skysail.protocol import codec",
        },
        ["errors.py:2: errors imports caller.core, in the cycle"],
    ),
    "a cycle within a room": (
        {"caller/core.py": "from . import retry", "caller/retry.py": "from .core import call"},
        ["caller.core -> caller.retry -> caller.core"],
    ),
    "a cycle through a class body and a try": (
        {
            "caller/core.py": "try:\n    from skysail.caller import retry\nfinally:\n    pass",
            "caller/retry.py": "class Retry:\n    from skysail.caller import core",
        },
        ["in the cycle"],
    ),
    "a cycle through a condition that is not the checker's": (
        {
            "errors.py": "import typing\nif not typing.TYPE_CHECKING:\n    from skysail import world",
            "world.py": "if TYPE_CHECKING:\n    pass\nelse:\n    import skysail.errors",
        },
        ["world.py:4: world imports errors, in the cycle errors -> world -> errors"],
    ),
    "the caller knows the service": (
        {"caller/core.py": "from skysail.service.app import Service", "service/app.py": ""},
        ["caller/core.py:1: caller.core imports service.app: caller and service stay apart"],
    ),
    "the caller knows the service's types": (
        {
            "caller/core.py": "import typing\nif typing.TYPE_CHECKING:\n    import skysail.service.app",
            "service/app.py": "",
        },
        ["caller/core.py:3: caller.core imports service.app: caller and service stay apart"],
    ),
    "the service knows the caller, in a function": (
        {"service/app.py": "def answer():\n    from ..caller import core", "caller/core.py": ""},
        ["service/app.py:2: service.app imports caller.core: service and caller stay apart"],
    ),
    "a family knows another": (
        {"service/families/disks.py": "from .instances import get", "service/families/instances.py": ""},
        ["disks.py:1: service.families.disks imports service.families.instances: a family imports no other"],
    ),
    "a store knows the caller": (
        {"store/sqlite.py": "import skysail.caller", "caller/__init__.py": ""},
        ["sqlite.py:1: store.sqlite imports caller: store and caller stay apart"],
    ),
    "a store knows the service": (
        {"store/sqlite.py": "from skysail.service import page_token", "service/page_token.py": ""},
        ["sqlite.py:1: store.sqlite imports service.page_token: store and service stay apart"],
    ),
    "a library that the package does not have": (
        {"caller/core.py": "import requests"},
        ["caller/core.py:1: caller.core imports requests: no library of ours"],
    ),
}

AWAY = {
    "urllib3": ("caller/core.py", "to caller.http"),
    "yarl": ("caller/http.py", "to caller.aio_http"),
    "aiohttp": ("caller/http.py", "to caller.aio_http"),
    "aiobotocore": ("mocking/mock.py", "to mocking.aiobotocore_answer"),
    "cryptography": (
        "service/app.py",
        "to service.nouns.key_material or service.nouns.host_keys or service.nouns.ssh_certificate",
    ),
    "psycopg": ("store/sqlite.py", "to store.postgres or store.postgres_schema or store.postgres_look"),
    "psycopg_pool": ("store/base.py", "to store.postgres"),
    "httptools": ("cli/serve.py", "to serving.parsing"),
    "click": ("server.py", "to cli"),
    "rich": ("errors.py", "to cli"),
    "jinja2": ("console/console.py", "to console.rendering"),
    "yaml": ("server.py", "to seeds.reading or seeds.writing"),
    "pyarrow": ("cli/instances.py", "to tables"),
    "PIL": ("cli/metrics.py", "to cli.charts"),
    "pytest": ("world.py", "to pytest_plugin"),
    "types_aiobotocore_lightsail": ("caller/aio.py", "under TYPE_CHECKING"),
    "types_boto3_lightsail": ("caller/core.py", "under TYPE_CHECKING"),
}

KEPT = {
    "two families that share what is below them": {
        "service/families/disks.py": "from skysail.service.journal import record",
        "service/families/instances.py": "from skysail.service import journal",
        "service/journal.py": "",
    },
    "a way back in a function is no cycle": {
        "errors.py": "def told():\n    from skysail import world",
        "world.py": "import skysail.errors",
    },
    "a way back for the checker is no cycle": {
        "errors.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from skysail import world",
        "world.py": "import skysail.errors",
    },
    "a library's types are free": {
        "caller/core.py": "import typing as t\nif t.TYPE_CHECKING:\n    import types_boto3_lightsail, rich",
    },
    "each library in its place": {
        "caller/http.py": "import urllib3.util, ssl, botocore",
        "caller/aio_http.py": "from aiohttp import ClientSession",
        "store/postgres.py": "import psycopg.rows\nfrom psycopg_pool import ConnectionPool",
        "serving/parsing.py": "def parse():\n    import httptools",
        "cli/main.py": "import click, rich.table",
        "tables.py": "import pyarrow as pa",
    },
    "names that only begin alike": {
        "caller/core.py": "from skysail import service_names",
        "service_names.py": "",
    },
}


def test_the_package_keeps_the_rules() -> None:
    assert rooms.breaches(rooms.imports(TREE / "src/skysail")) == []


@pytest.mark.parametrize(("files", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_fails_and_names_the_import_to_move(
    build: Build, capsys: pytest.CaptureFixture[str], files: dict[str, str], said: list[str]
) -> None:
    assert rooms.main([str(build(files))]) == 1
    printed = capsys.readouterr().out.partition("Broken:")[2].strip()
    assert printed.count("\n") == 0, "one breach, told once"
    for text in said:
        assert text in printed


@pytest.mark.parametrize("library", AWAY)
def test_a_library_away_from_its_place_fails_and_names_the_place(build: Build, library: str) -> None:
    path, place = AWAY[library]
    found = rooms.imports(build({path: f"def late():\n    import {library}.thing"}))
    [breach] = rooms.breaches(found)
    assert breach.endswith(f"imports {library}: move this import {place}")


def test_every_library_with_a_place_is_tried() -> None:
    assert set(AWAY) == {library for library, places in rooms.LIBRARIES.items() if "*" not in places}


@pytest.mark.parametrize("files", KEPT.values(), ids=KEPT)
def test_what_keeps_the_rules_passes(build: Build, files: dict[str, str]) -> None:
    assert rooms.main([str(build(files))]) == 0


def test_it_prints_who_imports_whom(build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "caller/core.py": "import msgspec, skysail.errors\ndef call():\n    import jmespath",
        "errors.py": "",
        "server.py": "from .caller import core",
    }
    assert rooms.main([str(build(files))]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^caller +errors, \(jmespath\), msgspec$", printed, re.MULTILINE)
    assert re.search(r"^server +caller$", printed, re.MULTILINE)
    assert "Beside" not in printed


def test_an_import_beside_the_table_is_shown_and_passes(build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    assert rooms.main([str(build({"world.py": "import skysail.errors", "errors.py": ""}))]) == 0
    assert "world.py:1: world imports errors, which the row of world does not name" in capsys.readouterr().out


def test_a_folder_that_is_no_package_is_an_error(tmp_path: Path) -> None:
    assert rooms.main([str(tmp_path)]) == 2


def test_the_rooms_are_those_of_the_document() -> None:
    text = (TREE / "docs/architecture.md").read_text()
    table = text.partition("## The rooms, lowest first")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert [cell.removesuffix(".py").rstrip("/").replace("/", ".") for cell in cells] == list(rooms.ROOMS)
