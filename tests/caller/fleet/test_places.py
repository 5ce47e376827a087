"""Places from names and globs."""

from pathlib import Path

import pytest

from skysail.caller.fleet.places import FleetPlace, Login, chosen_logins, chosen_regions, places
from skysail.errors import InvalidRegionError, ProfileNotFoundError, UsageError
from skysail.protocol.regions import known_regions

ROLE = "arn:aws:iam::111122223333:role/team/Reader"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text("[default]\n[profile prod-us]\n[profile prod-eu]\n[profile dev]\n[services prod-x]\n")
    credentials.write_text("[prod-ap]\naws_access_key_id = A\naws_secret_access_key = B\n")
    return {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}


def test_a_glob_names_the_profiles_of_both_files(environ: dict[str, str]) -> None:
    found = chosen_logins(["prod*"], [], [], environ)
    assert [login.profile for login in found] == ["prod-ap", "prod-eu", "prod-us"]


def test_logins_come_in_the_order_of_their_names_and_once(environ: dict[str, str]) -> None:
    found = chosen_logins(["prod-us", "prod-*"], [ROLE, ROLE], ["mine"], environ)
    assert [str(login) for login in found] == ["prod-us", "prod-ap", "prod-eu", ROLE, "mine"]


def test_a_plain_name_is_not_looked_for(environ: dict[str, str]) -> None:
    assert chosen_logins(["absent"], [], [], environ) == [Login(profile="absent")]


def test_a_glob_that_fits_no_profile_is_an_error(environ: dict[str, str]) -> None:
    with pytest.raises(ProfileNotFoundError, match="test"):
        chosen_logins(["test*"], [], [], environ)


@pytest.mark.parametrize("arn", ["Reader", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:user/x", ROLE + "\n"])
def test_a_role_is_an_arn(arn: str) -> None:
    with pytest.raises(UsageError, match="no role"):
        chosen_logins([], [arn], [], {})


def test_one_name_where_a_list_is_meant_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"\['prod'\]"):
        chosen_logins("prod", [], [], {})


def test_a_role_tells_its_account() -> None:
    assert Login(role_arn=ROLE).account == "111122223333"
    assert Login(profile="prod").account is None


def test_all_regions_are_those_that_botocore_lists() -> None:
    assert chosen_regions("all") == list(known_regions())


def test_regions_are_names_and_globs_each_once() -> None:
    assert chosen_regions(["us-west-2", "us-*", "xx-new-9"]) == ["us-west-2", "us-east-1", "us-east-2", "xx-new-9"]
    assert chosen_regions("eu-north-1") == ["eu-north-1"]


@pytest.mark.parametrize("name", ["mars-*", "-", "a b"])
def test_a_region_that_can_be_none_is_an_error(name: str) -> None:
    with pytest.raises(InvalidRegionError):
        chosen_regions([name])


def test_no_region_is_an_error() -> None:
    with pytest.raises(UsageError):
        chosen_regions([])


def test_neighbours_are_of_different_logins() -> None:
    a, b = Login(profile="a"), Login(profile="b")
    assert places([a, b], ["x-1", "y-1"]) == [
        FleetPlace(a, "x-1"),
        FleetPlace(b, "x-1"),
        FleetPlace(a, "y-1"),
        FleetPlace(b, "y-1"),
    ]


def test_a_place_reads_as_its_login_and_region() -> None:
    assert str(FleetPlace(Login(profile="prod-eu"), "eu-west-1")) == "prod-eu/eu-west-1"
    assert str(FleetPlace(Login(), "eu-west-1")) == "default/eu-west-1"
