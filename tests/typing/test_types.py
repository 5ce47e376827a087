"""What type checkers make of the package as it is installed: mypy (strict) and pyright (as it is set out of the box),
each run on a user's project.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from types_boto3_lightsail import type_defs

import skysail
from skysail.protocol.model import Operation, service_model

HERE = Path(__file__).parent
PROJECT = (HERE / "api.py", HERE / "async_api.py", HERE / "absent_members.py")
PACKAGE = Path(skysail.__file__).parent

Check = Callable[[Path, Path], str]
"""A project's folder and the interpreter it runs on; gives the complaints."""


def mypy(project: Path, python: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--enable-error-code=redundant-expr"]
    return _complaints([*command, f"--python-executable={python}", "--no-error-summary", "."], project)


def pyright(project: Path, python: Path) -> str:
    if shutil.which("node") is None:
        pytest.skip("pyright runs on node, which is not here")
    config = {"enableTypeIgnoreComments": False, "reportUnnecessaryTypeIgnoreComment": True}
    (project / "pyrightconfig.json").write_text(json.dumps(config))
    said = _complaints([sys.executable, "-m", "pyright", "--pythonpath", str(python)], project)
    return "" if said.startswith("0 errors, 0 warnings") else said


def _complaints(command: list[str], project: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if name not in ("MYPYPATH", "PYTHONPATH")}
    environ["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"  # of a newer pyright, for which it would look on the network
    ended = subprocess.run(command, cwd=project, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr  # anything else: it could not check
    return ended.stdout


checked_by_each = pytest.mark.parametrize("check", [mypy, pyright])


@checked_by_each
def test_calls_pages_items_and_errors_have_the_types_of_types_boto3_and_what_is_wrong_is_refused(
    check: Check, tmp_path: Path
) -> None:
    for source in PROJECT:
        shutil.copy(source, tmp_path)
    (tmp_path / "every_paginator.py").write_text(every_paginator())
    assert check(tmp_path, Path(sys.executable)) == ""


@checked_by_each
def test_without_types_boto3_installed_the_same_calls_check_and_give_any(check: Check, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(HERE / "without_types.py", project)
    assert check(project, bare_environment(tmp_path / "environment")) == ""


def test_the_types_are_not_loaded_at_run_time() -> None:
    script = (
        "import skysail, sys\n"
        "with skysail.client('lightsail', region_name='us-east-1', endpoint_url='local:') as client:\n"
        "    client.get_paginator('get_instances').paginate().build_full_result()\n"
        "skysail.AsyncClient\n"
        "print([name for name in sys.modules if name.startswith('types_')])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def bare_environment(folder: Path) -> Path:
    """The interpreter of a new environment: skysail and botocore are there, and nobody's stubs."""
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    for package in ("botocore", "msgspec", "jmespath", "urllib3"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        (packages / package).symlink_to(Path(spec.origin).parent)
    (packages / "skysail").symlink_to(PACKAGE)
    return folder / "bin" / "python"


def every_paginator() -> str:
    """A module that walks every paginator of the model, with all its arguments, both ways."""
    model = service_model()
    operations = [model.operation(name) for name in model if model.operation(name).paginator]
    assert operations
    return "\n".join(
        [
            "from __future__ import annotations",
            "from typing import assert_type",
            "import skysail",
            "from types_boto3_lightsail import type_defs",
            *(line for operation in operations for line in _walk("def", "for", "Client", operation)),
            *(line for operation in operations for line in _walk("async def", "async for", "AsyncClient", operation)),
            "",
        ]
    )


def _walk(define: str, walk: str, client: str, operation: Operation) -> list[str]:
    assert operation.paging is not None
    (key,) = operation.paging.result_keys
    hints = get_type_hints(getattr(type_defs, f"{operation.name}ResultTypeDef"))
    (item,) = get_args(hints[key])
    known_as = item.__name__ if item is str else f"type_defs.{item.__name__}"
    return [
        f"{define} {operation.method}_{client}(client: skysail.{client}) -> None:",
        f"    pages = client.get_paginator({operation.method!r}).paginate({_arguments(operation)})",
        f"    {walk} page in pages:",
        f"        assert_type(page[{key!r}], list[{known_as}])",
        '        assert_type(page.get("NextToken"), str | None)',
        '        assert_type(page.get("nextPageToken"), str)',
        f"    {walk} item in pages.items():",
        f"        assert_type(item, {known_as})",
    ]


def _arguments(operation: Operation) -> str:
    """All that the operation takes but the page token, with a value of the right type each."""
    model = service_model()
    assert operation.input is not None
    written = ["PaginationConfig={'MaxItems': 1, 'StartingToken': None}", "fetch_ahead=1"]
    for name, member in model.shape(operation.input).members.items():
        if name != "pageToken":
            shape = model.shape(member.shape)
            value = {"string": shape.enum[0] if shape.enum else "x", "boolean": True, "integer": 1}[shape.type]
            written.append(f"{name}={value!r}")
    return ", ".join(written)
