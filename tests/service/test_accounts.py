"""Access keys: which account they belong to, and the file that lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import Bench, Refusal, refusal, refusal_in
from skysail.errors import ConfigurationError, ServiceError
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import AccessKey, Accounts, read_accounts
from skysail.service.identity import EXAMPLE_ACCOUNT

LISTED = Accounts({"AKIAONE": AccessKey("111122223333", "s3cret"), "AKIATWO": AccessKey("444455556666", "other")})


# --- an open service --------------------------------------------------------------------------------------


def test_an_open_service_lets_in_every_well_formed_key_with_any_token() -> None:
    accounts = Accounts()
    assert accounts.is_open
    for access_key_id in ("local", "AKIAIOSFODNN7EXAMPLE", "111122223333", "a.b-c_d", "k" * 128):
        for token in (None, "token"):
            known = accounts.secret_of(access_key_id, token)
            assert known is not None
            assert (known.secret, known.session_token) == (None, token)
        assert accounts.account_of(access_key_id).isdigit()
        assert len(accounts.account_of(access_key_id)) == 12


@pytest.mark.parametrize("access_key_id", ["", "a b", "a\n", "é", "k" * 129, "a/b"])
def test_an_open_service_keeps_out_what_is_no_key(access_key_id: str) -> None:
    assert Accounts().secret_of(access_key_id, None) is None


@pytest.mark.parametrize(
    ("access_key_id", "account"),
    [
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),  # as published, with the account
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
        ("AKIAQNZGKIQY5AAAAAAA", "029608264753"),
    ],
)
def test_a_key_of_awss_is_of_the_account_that_it_names(access_key_id: str, account: str) -> None:
    assert Accounts().account_of(access_key_id) == account


@pytest.mark.parametrize("access_key_id", ["AKIA7777777777777777", "AKIAIOSFODNN7EXAMPLE", "AKIAY34FZKBOKMUTVV70"])
def test_what_only_looks_like_such_a_key_has_an_account_all_the_same(access_key_id: str) -> None:
    account = Accounts().account_of(access_key_id)
    assert len(account) == 12
    assert account not in ("581039954779", "609629065308")  # what it would be, read as such a key


def test_a_key_of_twelve_digits_is_its_own_account_and_others_always_have_the_same() -> None:
    accounts = Accounts()
    assert accounts.account_of("000000000001") == "000000000001"
    assert accounts.account_of("AKIAIOSFODNN7EXAMPLE") == accounts.account_of("AKIAIOSFODNN7EXAMPLE")
    assert len({accounts.account_of(f"key-{count}") for count in range(1000)}) == 1000


def test_who_has_no_key_is_of_the_account_that_a_seed_fills_which_names_none() -> None:
    assert (Accounts().account_of("local"), Accounts().usual) == (EXAMPLE_ACCOUNT, EXAMPLE_ACCOUNT)


def test_two_keys_see_two_fleets(bench: Bench) -> None:
    bench.create("web")
    assert bench.lightsail.client(access_key_id="other").get_instances()["instances"] == []


# --- a list of keys ---------------------------------------------------------------------------------------


def test_a_listed_key_has_its_account_and_its_secret() -> None:
    assert not LISTED.is_open
    known = LISTED.secret_of("AKIATWO", None)
    assert known is not None
    assert (known.secret, known.session_token) == ("other", None)
    assert LISTED.account_of("AKIATWO") == "444455556666"
    assert LISTED.secret_of("AKIATHREE", None) is None


KEYS = {
    # id and secret: the refusal, or None
    ("AKIAONE", "s3cret"): None,
    ("AKIAONE", "guess"): "InvalidSignatureException",
    ("AKIAONE", "other"): "InvalidSignatureException",
    ("AKIATHREE", "s3cret"): "UnrecognizedClientException",
    ("111122223333", "s3cret"): "UnrecognizedClientException",
}


@pytest.mark.parametrize(("access_key_id", "secret"), KEYS)
def test_a_service_with_a_list_checks_id_and_secret(access_key_id: str, secret: str) -> None:
    client = Bench(accounts=LISTED).lightsail.client(access_key_id=access_key_id, secret=secret)
    try:
        client.get_instances()
    except ServiceError as error:
        said = refusal(error)
        assert said.kind == KEYS[access_key_id, secret]
        assert said.status == 400
        assert said.code is None
    else:
        assert KEYS[access_key_id, secret] is None


def test_two_listed_keys_of_one_account_see_one_fleet() -> None:
    accounts = Accounts({"one": AccessKey("111122223333", "a"), "two": AccessKey("111122223333", "b")})
    bench = Bench(accounts=accounts)
    bench.client = bench.lightsail.client(access_key_id="one", secret="a")
    bench.create("web")
    bench.client = bench.lightsail.client(access_key_id="two", secret="b")
    assert bench.names() == ["web"]
    assert ":111122223333:" in bench.get()["arn"]


def test_secrets_do_not_show() -> None:
    known = LISTED.secret_of("AKIAONE", None)
    assert "s3cret" not in f"{LISTED!r}{known!r}{LISTED.keys!r}"


# --- the file ---------------------------------------------------------------------------------------------

GOOD = """
[[keys]]
access_key_id = "AKIAONE"
secret_access_key = "s3cret"
account = "111122223333"

[[keys]]
access_key_id = "AKIATWO"
secret_access_key = "other"
account = "444455556666"
"""

BAD = {
    "no TOML": ("[[keys", "is not TOML"),
    "empty": ("", "has no [[keys]]"),
    "no keys": ("keys = []", "has no [[keys]]"),
    "keys that are no list": ("keys = 'AKIAONE'", "has no [[keys]]"),
    "an entry that is no table": ("keys = ['AKIAONE']", "key 1 needs access_key_id, secret_access_key, account"),
    "a member is missing": (GOOD.replace('secret_access_key = "other"', ""), "key 2 needs"),
    "a member is no text": (GOOD.replace('"111122223333"', "111122223333"), "key 1 needs"),
    "an account of 11 digits": (GOOD.replace("444455556666", "44445555666"), "the account of key 2 is not 12 digits"),
    "an account in other digits": (GOOD.replace("444455556666", "٤" * 12), "the account of key 2 is not 12 digits"),
    "an id that no request can have": (
        GOOD.replace("AKIATWO", "AKIA/TWO"),
        "the access_key_id of key 2 is not 1 to 128",
    ),
    "no id": (GOOD.replace("AKIATWO", ""), "the access_key_id of key 2 is not 1 to 128"),
    "no secret": (GOOD.replace("other", ""), "the secret_access_key of key 2 is empty"),
    "a token that is no text": (GOOD + "session_token = 5", "the session_token of key 2 is text, or is left out"),
    "a token of nothing": (GOOD + 'session_token = ""', "the session_token of key 2 is text, or is left out"),
    "deeper than anything": ("x = " + "[" * 100_000, "is not TOML"),
    "an unknown member": (GOOD + 'role = "admin"', "key 2 has members unknown here: role"),
    "an id twice": (GOOD.replace("AKIATWO", "AKIAONE"), "key 2 has the access_key_id of another one"),
}


def test_a_good_file_gives_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(GOOD)
    assert read_accounts(path) == LISTED


TOKENS = {"its own": ("t0ken", True), "none": (None, False), "another": ("other", False), "a part": ("t0k", False)}


@pytest.mark.parametrize("why", TOKENS)
def test_a_temporary_key_is_let_in_with_its_token_alone(tmp_path: Path, why: str) -> None:
    token, is_good = TOKENS[why]
    path = tmp_path / "keys.toml"
    path.write_text(GOOD + 'session_token = "t0ken"')
    bench = Bench(accounts=read_accounts(path))
    response = bench.send(key=Key("AKIATWO", "other", token))
    if is_good:
        assert response.status == 200
    else:
        text = "The security token included in the request is invalid."
        assert refusal_in(response) == Refusal("UnrecognizedClientException", None, text)
    assert bench.send(key=Key("AKIAONE", "s3cret", "t0ken")).status == 400
    assert "t0ken" not in f"{bench.lightsail.service.accounts!r}"


@pytest.mark.parametrize("why", BAD)
def test_a_bad_file_is_told_with_the_place_and_without_any_secret(tmp_path: Path, why: str) -> None:
    text, said = BAD[why]
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_accounts(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert '"other"' not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot read the keys in"):
            read_accounts(path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot read the keys in"):
        read_accounts(tmp_path / "bytes.toml")
