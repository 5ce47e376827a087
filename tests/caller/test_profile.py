"""Which files a profile is read from, and what outranks what within it."""

from __future__ import annotations

from pathlib import Path

import pytest

from skysail.caller.profile import Profile
from skysail.errors import ProfileNotFoundError

CONFIG = """
[default]
region = default-region
[profile a]
region = config-region
output = json
[services mine]
lightsail =
  endpoint_url = https://one.example
"""
CREDENTIALS = """
[a]
region = credentials-region
aws_secret_access_key = hidden
[only]
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text(CONFIG)
    (tmp_path / ".aws/credentials").write_text(CREDENTIALS)
    return {"HOME": str(tmp_path)}


def test_the_credentials_file_stands_above_the_config_file(environ: dict[str, str]) -> None:
    profile = Profile.read("a", environ)
    assert profile.values == {
        "region": "credentials-region",
        "output": "json",
        "aws_secret_access_key": "hidden",
    }
    assert profile.config == {"region": "config-region", "output": "json"}
    assert profile.services == {"mine": {"lightsail": {"endpoint_url": "https://one.example"}}}


@pytest.mark.parametrize(
    ("chosen", "variables", "name"),
    [
        (None, {}, "default"),
        (None, {"AWS_PROFILE": "a"}, "a"),
        (None, {"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "only"}, "only"),
        ("default", {"AWS_PROFILE": "a"}, "default"),
    ],
)
def test_an_argument_names_the_profile_before_the_environment(
    environ: dict[str, str], chosen: str | None, variables: dict[str, str], name: str
) -> None:
    profile = Profile.read(chosen, {**environ, **variables})
    assert (profile.name, profile.is_chosen) == (name, chosen is not None)


def test_the_environment_stands_above_the_files_even_when_empty(environ: dict[str, str]) -> None:
    assert Profile.read("a", environ).setting("X", "region") == "credentials-region"
    assert Profile.read("a", {**environ, "X": ""}).setting("X", "region") == ""
    assert Profile.read("a", environ).setting("X", "absent") is None


@pytest.mark.parametrize(("text", "is_on"), [("true", True), ("TRUE", True), ("1", False), ("", False)])
def test_only_true_switches_a_flag_on(environ: dict[str, str], text: str, is_on: bool) -> None:
    assert Profile.read("a", {**environ, "X": text}).flag("X", "absent") is is_on


def test_without_files_there_is_only_the_default_profile_and_it_is_empty() -> None:
    environ = {"HOME": "/nonexistent"}
    assert Profile.read(None, environ).values == {}
    with pytest.raises(ProfileNotFoundError, match=r"The config profile \(a\) could not be found"):
        Profile.read("a", environ)


def test_a_repr_shows_no_secret(environ: dict[str, str]) -> None:
    assert "hidden" not in repr(Profile.read("a", environ))
