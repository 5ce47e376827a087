"""Roles and organizations, with moto as STS and Organizations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from fleets import Fleets, arns
from skysail.caller.fleet.places import Login
from skysail.caller.fleet.roles import RoleCredentials, organization_roles
from skysail.errors import NoCredentialsError, ProfileNotFoundError
from skysail.world import manual_world

moto = pytest.importorskip("moto", reason="moto stands in for STS and Organizations")

ROLE = "arn:aws:iam::210987654321:role/Reader"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """AWS as moto has it, and a profile "admin" that may ask it."""
    config = tmp_path / "config"
    config.write_text(
        "[profile admin]\nregion = eu-west-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    with moto.mock_aws(config={"core": {"mock_credentials": False}}):
        yield


def organization(members: int) -> list[str]:
    """An organization with so many accounts besides the one that asks."""
    client = boto3.Session(profile_name="admin").client("organizations")
    client.create_organization(FeatureSet="ALL")
    made = [
        client.create_account(Email=f"a{number}@example.com", AccountName=f"a{number}")["CreateAccountStatus"]
        for number in range(members)
    ]
    return [status["AccountId"] for status in made]


def test_a_role_is_assumed_with_the_source_profile(aws: None) -> None:
    key = RoleCredentials(ROLE, "admin")()
    assert key.access_key_id.startswith("ASIA")
    assert key.session_token


def test_a_role_is_assumed_once_while_its_key_is_good(aws: None) -> None:
    source = RoleCredentials(ROLE, "admin", {"RoleSessionName": "audit", "DurationSeconds": 3600})
    assert source() == source()


def test_without_a_source_there_is_no_role(aws: None) -> None:
    with pytest.raises(NoCredentialsError):
        RoleCredentials(ROLE, None)()
    with pytest.raises(ProfileNotFoundError):
        RoleCredentials(ROLE, "absent")()


def test_an_organization_has_a_role_in_each_account_but_the_own_one(aws: None) -> None:
    members = organization(3)
    is_member, roles = organization_roles("team/Reader", "admin")
    assert is_member
    assert sorted(roles) == sorted(f"arn:aws:iam::{account}:role/team/Reader" for account in members)


def test_an_account_that_was_closed_is_left_out(aws: None) -> None:
    open_one, closed = organization(2)
    boto3.Session(profile_name="admin").client("organizations").close_account(AccountId=closed)
    assert organization_roles("Reader", "admin") == (True, [f"arn:aws:iam::{open_one}:role/Reader"])


def test_a_fleet_of_an_organization_is_walked(aws: None) -> None:
    members = organization(2)
    fleets = Fleets(manual_world(), [], [], size=0, page_size=3)
    walk = fleets.walk(
        keys=None, organization_role="Reader", source_profile="admin", regions=["us-east-1", "eu-west-1"]
    )
    pages = list(walk)
    assert walk.failures == {}
    assert {page.place.login for page in pages} == {
        Login(profile="admin"),
        *(Login(role_arn=f"arn:aws:iam::{account}:role/Reader") for account in members),
    }
    assert {page.account for page in pages if page.role_arn} == set(members)
    assert len(pages) == 6


def test_a_login_that_cannot_be_had_is_asked_for_once(aws: None) -> None:
    fleets = Fleets(manual_world(), [], [], size=0, page_size=3)
    walk = fleets.walk(keys=None, role_arns=[ROLE], source_profile="absent", regions="all")
    assert arns(walk) == []
    failures = list(walk.failures.values())
    assert len(failures) > 10
    assert {type(failure) for failure in failures} == {ProfileNotFoundError}
    assert fleets.limits.asked == 0
