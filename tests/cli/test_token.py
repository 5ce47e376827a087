"""`skysail token`: what a token says, and one line for what is none."""

from __future__ import annotations

import base64
import json

import pytest

from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.token import FleetState
from skysail.service.accounts import read_accounts


def encoded(value):
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"pageToken": "abc"}, "at pageToken abc"),
        ({"pageToken": "abc", "boto_truncate_amount": 3}, "at pageToken abc, behind the first 3 items there"),
        ({"pageToken": None, "boto_truncate_amount": 1}, "at the beginning, behind the first 1 item there"),
    ],
)
def test_a_token_of_one_listing_says_the_page_and_how_much_of_it_came(cli, values, line):
    told = cli("token", encoded(values))
    assert told.status == 0
    assert told.out.splitlines()[1] == f"  {line}"


def test_new_keys_are_let_in_as_what_they_are(cli, tmp_path):
    file = tmp_path / "keys.toml"
    options = [(), ("--account", "111122223333", "--access", "read"), ("--account", "444455556666", "--admin")]
    made = [cli("token", "new", *words) for words in options]
    assert [told.status for told in made] == [0, 0, 0]
    file.write_text("".join(told.out for told in made))
    keys = read_accounts(file).keys
    assert [(key.account, key.only_reads, key.administers) for key in keys.values()] == [
        ("123456789012", False, False),
        ("111122223333", True, False),
        ("444455556666", False, True),
    ]
    assert len({key.secret for key in keys.values()}) == 3
    assert all(len(key.secret) == 43 and key.secret not in told.err for key in keys.values() for told in made)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["new", "--account", "12"], "error: --account 12 is not 12 digits — such as 111122223333\n"),
        (
            ["eyJ", "--admin"],
            "error: --account, --access and --admin are a new key's — skysail token new --account 111122223333\n",
        ),
    ],
)
def test_what_is_no_new_key_s_is_refused(cli, words, line):
    assert cli("token", *words) == (2, "", line)


def test_a_token_of_a_fleet_says_what_is_missing_place_by_place(cli):
    us, eu = Login(profile="prod-us"), Login(role_arn="arn:aws:iam::111122223333:role/r")
    state = FleetState(
        "GetInstances",
        {},
        {
            FleetPlace(us, "us-east-1"): "done",
            FleetPlace(us, "eu-west-1"): {"pageToken": "abc", "boto_truncate_amount": 2},
            FleetPlace(eu, "us-east-1"): None,
        },
    )
    assert cli("token", state.token).out.splitlines() == [
        "a walk over 3 places: GetInstances, 1 done, 2 missing",
        "  prod-us/eu-west-1                           at pageToken abc, behind the first 2 items there",
        "  arn:aws:iam::111122223333:role/r/us-east-1  at the beginning",
    ]


@pytest.mark.parametrize(
    "text", ["abc", "", encoded([1]), encoded({}), encoded({"secret": "x"}), encoded({"skysail_fleet": 1}), "é"]
)
def test_what_is_no_token_is_one_line_and_status_2(cli, text):
    told = cli("token", text)
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert "secret" not in told.err
