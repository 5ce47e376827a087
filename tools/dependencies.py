"""What comes along with skysail, and under which licence: docs/dependencies.md and requirements/sbom.cdx.json, made
from pyproject.toml, the versions that requirements/dev.txt pins, and what the installed packages say of themselves.

    python tools/dependencies.py [--check]

The second is a bill of materials, CycloneDX 1.6, which the wheel carries in `.dist-info/sboms/` (PEP 770). The same
input gives the same bytes: it holds no time and no name of a machine. With --check nothing is written; it fails where
one of them is not what the requirements give.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from skysail.version import VERSION

_TREE = Path(__file__).parent.parent
DOCUMENT = _TREE / "docs" / "dependencies.md"
BILL = _TREE / "requirements" / "sbom.cdx.json"

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
_VIA = re.compile(r"^    #   (?:via )?([A-Za-z0-9._-]+)", re.MULTILINE)

# What packages write where they have no License-Expression, as SPDX names it.
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "Python Software Foundation License": "PSF-2.0",
}
# Read in the package itself, where its metadata does not say which of several; or not installed on every platform.
_READ = {
    "colorama": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "locket": "BSD-2-Clause",
    "partd": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "tzdata": "Apache-2.0",
    "zict": "BSD-3-Clause",
}

_HEAD = """\
# What comes along

The wheel holds skysail's own files alone, under the [MIT licence](https://spdx.org/licenses/MIT.html): nothing of
anybody else is copied into it. What `pip install skysail` fetches beside it stands here, with the version that the
tests run with and the licence that each package names (SPDX). Whoever hands on an environment or a container image
hands these on too; each brings its licence's text in its `.dist-info` folder. Made by `make dependencies`; do not edit.

The same as a bill of materials, CycloneDX 1.6, is in the wheel: `skysail-{version}.dist-info/sboms/sbom.cdx.json`.
"""


class Package(NamedTuple):
    """One pinned package; `extras` are those of skysail's that lead to it, none where it always comes."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]
    extras: tuple[str, ...]


def packages() -> list[Package]:
    """All that skysail's dependencies and extras lead to, by name. Raises LookupError for a licence nobody named."""
    project = tomllib.loads((_TREE / "pyproject.toml").read_text())["project"]
    versions, needs = _pinned((_TREE / "requirements" / "dev.txt").read_text())
    always = _reached(_names(project["dependencies"]), needs)
    by_extra = {
        extra: _reached(_names(requirements), needs) - always
        for extra, requirements in project["optional-dependencies"].items()
        if extra != "all"
    }
    return [
        Package(
            name,
            versions[name],
            _licence(name),
            tuple(sorted(needs.get(name, ()))),
            tuple(sorted(extra for extra, reached in by_extra.items() if name in reached)),
        )
        for name in sorted(always.union(*by_extra.values()))
    ]


def document(found: Iterable[Package]) -> str:
    """docs/dependencies.md."""
    found = list(found)
    rows = [_HEAD.format(version=VERSION), _table(p for p in found if not p.extras)]
    for extra in sorted({extra for package in found for extra in package.extras}):
        rows.append(f"## skysail[{extra}]\n")
        rows.append(_table(p for p in found if extra in p.extras))
    return "\n".join(rows)


def bill(found: Iterable[Package]) -> str:
    """requirements/sbom.cdx.json."""
    found = list(found)
    project = {
        "type": "library",
        "bom-ref": "skysail",
        "name": "skysail",
        "version": VERSION,
        "licenses": _named("MIT"),
    }
    direct = _names(tomllib.loads((_TREE / "pyproject.toml").read_text())["project"]["dependencies"])
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "pre-build"}],
            "component": {**project, "purl": f"pkg:pypi/skysail@{VERSION}"},
            "properties": [
                {"name": "skysail:versions", "value": "those that are tested; an installation may have others"}
            ],
        },
        "components": [_component(package) for package in found],
        "dependencies": [
            {"ref": "skysail", "dependsOn": sorted(direct)},
            *({"ref": p.name, "dependsOn": list(p.needs)} for p in found),
        ],
    }
    identity = uuid5(
        NAMESPACE_URL, json.dumps(content, sort_keys=True)
    )  # a new number for each new content, and no other
    return json.dumps({"serialNumber": f"urn:uuid:{identity}", **content}, indent=1) + "\n"


def _component(package: Package) -> Mapping[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.name,
        "name": package.name,
        "version": package.version,
        "scope": "optional" if package.extras else "required",
        "licenses": _named(package.licence),
        "purl": f"pkg:pypi/{package.name}@{package.version}",
    }


def _named(licence: str) -> list[Mapping[str, Any]]:
    """CycloneDX has one licence by its id, and several in an expression."""
    return [{"expression": licence} if " " in licence else {"license": {"id": licence}}]


def _table(found: Iterable[Package]) -> str:
    rows = "".join(f"| {p.name} | {p.version} | {p.licence} |\n" for p in found)
    return f"| package | version | licence |\n| --- | --- | --- |\n{rows}"


def _pinned(requirements: str) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The versions, and who needs whom, from the comments in which `uv pip compile` says why each is there."""
    versions: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for block in re.split(r"^(?=[A-Za-z0-9])", requirements, flags=re.MULTILINE):
        if pin := _PINNED.match(block):
            name = _normal(pin[1])
            versions[name] = pin[2]
            single = re.findall(r"^    # via ([A-Za-z0-9._-]+)", block, re.MULTILINE)
            for whose in [*single, *_VIA.findall(block)]:
                if whose != "skysail":
                    needs.setdefault(_normal(whose), set()).add(name)
    return versions, needs


def _names(requirements: Iterable[str]) -> set[str]:
    return {_normal(re.match(r"[A-Za-z0-9._-]+", text)[0]) for text in requirements}  # type: ignore[index]


def _reached(names: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(needs.get(name, ()))
    return reached


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(name: str) -> str:
    if name in _READ:
        return _READ[name]
    try:
        told = metadata(name)
    except PackageNotFoundError:
        raise LookupError(
            f"{name} is pinned and not installed: install requirements/dev.txt, or read its licence"
        ) from None
    for text in _told(told):
        if (
            text in _SPDX
            or re.fullmatch(r"[A-Za-z]+-[A-Za-z0-9.-]+|MIT|ISC", text)
            or " AND " in text
            or " OR " in text
        ):
            return _SPDX.get(text, text)
    raise LookupError(f"{name} does not say which licence it has: read it, and name it in tools/dependencies.py")


def _told(told: PackageMetadata) -> Iterable[str]:
    """What a package says of its licence, the clearest first."""
    fields = told.json
    for field in ("license_expression", "license"):
        if text := fields.get(field):
            yield str(text)
    for text in told.get_all("Classifier") or ():
        if text.startswith("License ::"):
            yield text.rpartition(":: ")[2]


def main(arguments: list[str]) -> int:
    found = packages()
    made = {DOCUMENT: document(found), BILL: bill(found)}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    if arguments == ["--check"]:
        for path in stale:
            print(f"{path.relative_to(_TREE)} is not what the requirements give: make dependencies", file=sys.stderr)
        return bool(stale)
    for path in stale:
        path.write_text(made[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
