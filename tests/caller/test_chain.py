"""What is left to botocore's own search: when it happens, how often, and whose errors come out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore import exceptions as botocore

from skysail import errors
from skysail.caller.chain import ChainCredentials, our_errors
from skysail.caller.profile import Profile
from skysail.protocol.sigv4 import Key


def _process(home: Path, expiration: str | None) -> Profile:
    """A profile whose key comes from a process that adds a line to a file at each run."""
    answer = {"Version": 1, "AccessKeyId": "AK", "SecretAccessKey": "s", "SessionToken": "t"}
    if expiration is not None:
        answer["Expiration"] = expiration
    (home / "answer").write_text(json.dumps(answer))
    (home / "run").write_text(f"#!/bin/sh\necho run >> {home}/runs\ncat {home}/answer\n")
    (home / "run").chmod(0o700)
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(f"[profile p]\ncredential_process = {home}/run\n")
    return Profile.read("p", {"HOME": str(home)})


def _runs(home: Path) -> int:
    path = home / "runs"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_the_search_begins_at_the_first_call_and_is_not_repeated(tmp_path: Path) -> None:
    source = ChainCredentials(_process(tmp_path, None), "eu-west-1")
    assert _runs(tmp_path) == 0
    assert source() == source() == Key("AK", "s", "t")
    assert _runs(tmp_path) == 1


def test_a_key_about_to_expire_is_renewed_by_the_next_call(tmp_path: Path) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)  # botocore renews what has less than ten to live
    source = ChainCredentials(_process(tmp_path, soon.isoformat()), "eu-west-1")
    assert source().access_key_id == "AK"
    answer = tmp_path / "answer"
    answer.write_text(answer.read_text().replace("AK", "NEW"))
    assert source().access_key_id == "NEW"


def test_a_search_that_found_nothing_is_made_again(tmp_path: Path) -> None:
    profile = Profile.read(None, {"HOME": str(tmp_path)})
    source = ChainCredentials(profile, "eu-west-1")
    with pytest.raises(errors.NoCredentialsError):
        source()
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[default]\naws_access_key_id = AK\naws_secret_access_key = s\n")
    assert source() == Key("AK", "s")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (botocore.NoRegionError(), errors.NoRegionError),
        (botocore.NoCredentialsError(), errors.NoCredentialsError),
        (botocore.ProfileNotFound(profile="p"), errors.ProfileNotFoundError),
        (botocore.PartialCredentialsError(provider="p", cred_var="v"), errors.PartialCredentialsError),
        (botocore.InvalidConfigError(error_msg="m"), errors.SettingError),
    ],
)
def test_an_error_of_botocores_becomes_its_subclass_with_the_same_text(
    theirs: botocore.BotoCoreError, ours: type[Exception]
) -> None:
    with pytest.raises(ours) as raised, our_errors():
        raise theirs
    assert str(raised.value) == str(theirs)
    assert isinstance(raised.value, type(theirs))


def test_an_error_without_a_counterpart_passes_as_it_is() -> None:
    error = botocore.CredentialRetrievalError(provider="p", error_msg="m")
    with pytest.raises(botocore.CredentialRetrievalError) as raised, our_errors():
        raise error
    assert raised.value is error
