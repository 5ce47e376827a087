"""Which sources of keys are quick, and which are left to botocore. That both agree is test_settings.py's matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from skysail.caller.credentials import from_arguments, from_surroundings
from skysail.caller.profile import Profile
from skysail.errors import PartialCredentialsError
from skysail.protocol.sigv4 import Key

STATIC = "aws_access_key_id = AK\naws_secret_access_key = secret\n"


def test_arguments_make_a_key_that_stays_the_same() -> None:
    source = from_arguments("AK", "secret", "token")
    assert source is not None
    assert source() is source()
    assert source() == Key("AK", "secret", "token")


def test_without_id_and_secret_the_arguments_make_no_key() -> None:
    assert from_arguments(None, None, "token") is None


@pytest.mark.parametrize(
    ("halves", "missing"),
    [(("AK", None), "aws_secret_access_key"), ((None, "secret"), "aws_access_key_id")],
)
def test_half_a_key_is_refused_in_botocores_words(halves: tuple[str | None, str | None], missing: str) -> None:
    with pytest.raises(PartialCredentialsError, match=f"found in explicit, missing: {missing}$"):
        from_arguments(*halves, None)


LEFT_TO_BOTOCORE = {
    "nothing": ({}, "", ""),
    "a key that expires": (
        {
            "AWS_ACCESS_KEY_ID": "AK",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_CREDENTIAL_EXPIRATION": "2999-01-01T00:00:00Z",
        },
        "",
        STATIC,
    ),
    "a role": ({}, "role_arn = arn:aws:iam::1:role/r\nsource_profile = b\n", STATIC),
    "a web identity by profile": ({}, "web_identity_token_file = /t\n", STATIC),
    "a web identity by environment": ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "", STATIC),
    "an SSO": ({}, "sso_session = s\n", STATIC),
    "a process": ({}, STATIC + "credential_process = p\n", ""),
    "a login": ({}, STATIC + "login_session = l\n", ""),
}


@pytest.mark.parametrize("row", LEFT_TO_BOTOCORE)
def test_what_botocore_asks_before_a_static_key_is_left_to_it(tmp_path: Path, row: str) -> None:
    variables, config, shared = LEFT_TO_BOTOCORE[row]
    assert from_surroundings(_profile(tmp_path, variables, config, shared)) is None


QUICK = {
    "the credentials file": ({}, "", STATIC),
    "the config file": ({}, STATIC, ""),
    "the credentials file before a process": ({}, "credential_process = p\n", STATIC),
    "the credentials file before a login": ({}, "login_session = l\n", STATIC),
    "the environment before a role": (
        {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "secret"},
        "role_arn = arn:aws:iam::1:role/r\nsource_profile = b\n",
        "",
    ),
}


@pytest.mark.parametrize("row", QUICK)
def test_a_static_key_is_found_without_botocore(tmp_path: Path, row: str) -> None:
    variables, config, shared = QUICK[row]
    source = from_surroundings(_profile(tmp_path, variables, config, shared))
    assert source is not None
    assert source() == Key("AK", "secret")


def _profile(home: Path, variables: dict[str, str], config: str, shared: str) -> Profile:
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(f"[default]\n{config}")
    (home / ".aws/credentials").write_text(f"[default]\n{shared}")
    return Profile.read(None, {"HOME": str(home), **variables})
