"""What is published: the same bytes each time, nothing that does not belong there, and enough to work with."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

import skysail
from documents import PROJECT
from skysail.version import VERSION
from tools import dependencies, dist, public_api

SHIPPED = {".py", ".pyi", ".json", ".typed", ".css", ".html", ".js", ".svg"}
NAME = f"skysail-{VERSION}"


class Built(NamedTuple):
    wheel: Path
    sdist: Path

    def names(self) -> list[str]:
        return zipfile.ZipFile(self.wheel).namelist()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(*dist.build(tmp_path_factory.mktemp("dist")))


def test_the_wheel_has_the_package_and_nothing_else(built: Built) -> None:
    package = [name for name in built.names() if not name.startswith((f"{NAME}.dist-info/", f"{NAME}.data/"))]
    assert {name.split("/")[0] for name in package} == {"skysail"}
    assert {Path(name).suffix for name in package} <= SHIPPED
    assert not [name for name in package if Path(name).name.startswith(("test_", "conftest", ".")) or "/tests/" in name]
    here = {path.relative_to(PROJECT / "src").as_posix() for path in (PROJECT / "src").rglob("*") if path.is_file()}
    assert set(package) == {name for name in here if "__pycache__" not in name and ".dist-info" not in name}


def test_the_wheel_carries_types_facts_licence_bill_man_page_and_completions(built: Built) -> None:
    names = set(built.names())
    assert {name.removeprefix(f"{NAME}.data/data/share/") for name in names if ".data/" in name} == {
        "man/man1/skysail.1",
        "bash-completion/completions/skysail",
        "zsh/site-functions/_skysail",
        "fish/vendor_completions.d/skysail.fish",
    }
    assert {"skysail/py.typed", "skysail/caller/typed.pyi", "skysail/service/facts/bundles.json"} <= names
    assert {f"{NAME}.dist-info/{name}" for name in ("licenses/LICENSE", "sboms/sbom.cdx.json")} <= names


def test_the_wheel_says_what_it_is_and_the_documents_name_its_extras(built: Built) -> None:
    said = PathDistribution(zipfile.Path(built.wheel, f"{NAME}.dist-info/")).metadata
    assert (said["License-Expression"], said["Requires-Python"]) == ("MIT", ">=3.11")
    assert said["Description-Content-Type"] == "text/markdown"
    shown = re.findall(r"^\| `skysail\[(\w+)\]`", (PROJECT / "docs" / "first-page.md").read_text(), re.MULTILINE)
    assert sorted(shown) == sorted(said.get_all("Provides-Extra") or ())


def test_the_sdist_has_what_the_wheel_is_built_from(built: Built) -> None:
    with tarfile.open(built.sdist) as sdist:
        names = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}
    beside = {name for name in names if not name.startswith("src/skysail/")}
    assert beside == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "SECURITY.md",
        "completions/bash/skysail",
        "completions/fish/skysail.fish",
        "completions/zsh/_skysail",
        "man/skysail.1",
        "pyproject.toml",
        "requirements/sbom.cdx.json",
    }


def test_the_same_tree_gives_the_same_bytes_and_so_does_the_sdist(built: Built, tmp_path: Path) -> None:
    again = Built(*dist.build(tmp_path / "again"))
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()
    with tarfile.open(built.sdist) as sdist:
        sdist.extractall(tmp_path, filter="data")
    from_sdist = Built(*dist.build(tmp_path / "from-sdist", tmp_path / NAME))
    assert from_sdist.wheel.read_bytes() == built.wheel.read_bytes()


def test_what_the_containerfile_copies_is_enough_for_the_same_wheel(built: Built, tmp_path: Path) -> None:
    for line in re.findall(r"^COPY (?!--)(.+)$", (PROJECT / "Containerfile").read_text(), re.MULTILINE):
        *sources, place = line.split()
        for source in sources:
            if (PROJECT / source).is_dir():
                shutil.copytree(PROJECT / source, tmp_path / place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (tmp_path / place).mkdir(exist_ok=True)
                shutil.copy(PROJECT / source, tmp_path / place)
    wheel, *_ = dist.build(tmp_path / "dist", tmp_path)
    assert wheel.read_bytes() == built.wheel.read_bytes()


def test_a_tag_is_the_version() -> None:
    assert dist.tags() in ([], [f"v{VERSION}"])


@pytest.mark.whole
def test_it_works_in_an_environment_that_has_what_the_wheel_asks_for_and_nothing_else(
    built: Built, tmp_path: Path
) -> None:
    home = tmp_path / "empty"
    venv.create(home)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "-q", "--no-index", "--no-deps", str(built.wheel)], check=True)
    folder = next(home.glob("lib/python*/site-packages"))
    for name in sorted(needed(built.wheel)):
        for entry in {file.parts[0] for file in distribution(name).files or ()} - {"..", "__pycache__"}:
            (folder / entry).symlink_to(Path(str(distribution(name).locate_file(entry))).resolve())

    def said(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert said(*pip, "check") == "No broken requirements found."
    assert said(home / "bin" / "skysail", "--version") == f"skysail {VERSION}"
    assert said(python, "-m", "skysail", "--version") == f"skysail {VERSION}"
    call = (
        "import skysail; print(len(skysail.client('lightsail', 'us-east-1', endpoint_url='local:')"
        ".get_bundles()['bundles']) > 5, skysail.__file__)"
    )
    assert said(python, "-c", call) == f"True {folder / 'skysail' / '__init__.py'}"
    assert "name" in said(home / "bin" / "skysail", "regions", "-o", "json")


def needed(wheel: Path) -> set[str]:
    """What a wheel asks for without any extra, and what that needs: by the word of each."""
    found: set[str] = set()
    asked: list[tuple[Sequence[str], set[str]]] = [
        (PathDistribution(zipfile.Path(wheel, f"{NAME}.dist-info/")).requires or (), {""})
    ]
    while asked:
        requires, extras = asked.pop()
        for requirement in map(Requirement, requires):
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                if requirement.name not in found:
                    asked.append((distribution(requirement.name).requires or (), requirement.extras or {""}))
                found.add(requirement.name)
    return found


def test_the_list_of_what_comes_along_is_what_the_requirements_pin(capsys: pytest.CaptureFixture[str]) -> None:
    assert dependencies.main(["--check"]) == 0, capsys.readouterr().err


def test_the_bill_of_materials_joins_each_component_to_what_it_needs(built: Built) -> None:
    bill = json.loads(dependencies.bill(dependencies.packages()))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    known = {"skysail", *(component["bom-ref"] for component in bill["components"])}
    assert {entry["ref"] for entry in bill["dependencies"]} == known
    assert {need for entry in bill["dependencies"] for need in entry["dependsOn"]} <= known
    required = {component["name"] for component in bill["components"] if component["scope"] == "required"}
    assert {name.lower() for name in needed(built.wheel)} <= required
    assert all(component["licenses"] for component in bill["components"])


def test_what_is_public_is_what_was_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert public_api.main(["--check"]) == 0, (
        "what skysail promises has changed: say so in CHANGELOG.md, then make public-api\n" + capsys.readouterr().out
    )


def test_every_name_that_the_package_lists_is_held() -> None:
    assert set(skysail.__all__) == set(public_api.PUBLIC["skysail"].split())


SECURITY = (PROJECT / "SECURITY.md").read_text()


@pytest.mark.parametrize("row", re.findall(r"^\| (?!threat|---).*$", SECURITY, re.MULTILINE))
def test_what_stands_against_a_threat_is_held_by_a_test(row: str) -> None:
    tests = {
        name
        for path in (PROJECT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    named = re.findall(r"`(test_\w+)`", row)
    assert named
    assert set(named) <= tests
