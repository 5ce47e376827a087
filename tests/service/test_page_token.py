"""Page tokens: good for the listing they were made for, and for nothing else; never a crash."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.paginate import TokenDecoder
from hypothesis import given
from hypothesis import strategies as st

from bench import ORDER, Bench, Refusal, refusal_in
from databases import MYSQL
from fuzz.targets import ANSWERED, PAGED
from skysail.errors import InvalidInputException
from skysail.protocol.model import service_model
from skysail.service.page_token import PageTokens
from skysail.store.base import Place, Position

TOKENS = PageTokens(b"k" * 32, Place("111122223333", "us-east-1"), "GetInstances", {})
POSITION = Position(1_700_000_000_000_000, "web-1")
positions = st.builds(Position, st.integers(-(2**63), 2**63 - 1), st.text())


def refuses(tokens: PageTokens, token: str) -> bool:
    with pytest.raises(InvalidInputException, match="The page token is not valid") as caught:
        tokens.read(token)
    return caught.value.code == "InvalidParams"


@given(positions)
def test_a_token_leads_back_to_its_position(position: Position) -> None:
    assert TOKENS.read(TOKENS.write(position)) == position


def test_no_token_is_the_beginning() -> None:
    assert TOKENS.read(None) is None


OTHERS = {
    "another key": replace(TOKENS, key=b"K" * 32),
    "another account": replace(TOKENS, place=Place("444455556666", "us-east-1")),
    "another region": replace(TOKENS, place=Place("111122223333", "eu-west-1")),
    "account and region moved together": replace(TOKENS, place=Place("111122223333us", "-east-1")),
    "another operation": replace(TOKENS, operation="GetDisks"),
    "another argument": replace(TOKENS, arguments={"includeHealthStatus": True}),
}


@pytest.mark.parametrize("other", OTHERS)
def test_a_token_is_good_for_one_listing_alone(other: str) -> None:
    assert refuses(OTHERS[other], TOKENS.write(POSITION))
    assert refuses(TOKENS, OTHERS[other].write(POSITION))


def test_arguments_count_whatever_their_order_and_the_token_among_them_does_not() -> None:
    one = replace(TOKENS, arguments={"resourceName": "web", "x": 1})
    other = replace(TOKENS, arguments={"x": 1, "pageToken": "anything", "resourceName": "web"})
    assert other.read(one.write(POSITION)) == POSITION


def test_a_cut_token_is_refused_wherever_it_is_cut() -> None:
    token = TOKENS.write(POSITION)
    for length in range(len(token)):
        assert refuses(TOKENS, token[:length])


@pytest.mark.parametrize("bit", range(8))
def test_a_token_with_one_changed_bit_is_refused(bit: int) -> None:
    sealed = base64.b64decode(TOKENS.write(POSITION))
    for place in range(len(sealed)):
        forged = bytes([*sealed[:place], sealed[place] ^ (1 << bit), *sealed[place + 1 :]])
        assert refuses(TOKENS, base64.b64encode(forged).decode())


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.mark.parametrize("key", ["web", "web-1", "web-12"])  # with two, one and no "=" behind the token
def test_of_all_texts_for_the_same_bytes_one_is_good(key: str) -> None:
    token = TOKENS.write(POSITION._replace(key=key))
    bare = token.rstrip("=")
    others = {
        *(f"{bare[:-1]}{letter}{token[len(bare) :]}" for letter in ALPHABET),
        *(bare + "=" * count for count in range(4)),
        *(token + more for more in ("\n", " ", "A", "====", token)),
        f" {token}",
        "\n".join(token),
        token.lower(),
    }
    for other in others - {token}:
        assert refuses(TOKENS, other)


@given(st.one_of(st.text(), st.binary().map(lambda drawn: base64.b64encode(drawn).decode())))
def test_anything_else_is_refused(token: str) -> None:
    assert refuses(TOKENS, token)


@given(positions)
def test_a_token_is_text_that_any_client_can_carry_and_none_takes_for_its_own(position: Position) -> None:
    token = TOKENS.write(position)
    assert token.isascii()
    assert token.isprintable()
    assert "___" not in token
    with pytest.raises(ValueError, match=r".*"):  # botocore reads base64 of JSON as a token that it made itself
        json.loads(base64.b64decode(token))
    with pytest.raises(ValueError, match=r".*"):
        TokenDecoder().decode(token)


# --- through the service ----------------------------------------------------------------------------------


@pytest.fixture
def listed() -> Any:
    bench = Bench(page_size=2)
    bench.create("aa", "bb", "cc")
    return bench


def test_a_listings_token_is_refused_by_every_other_listing(listed: Bench) -> None:
    token = listed.client.get_instances()["nextPageToken"]
    assert [one["name"] for one in listed.client.get_instances(pageToken=token)["instances"]] == ["aa"]
    elsewhere = listed.lightsail.client("eu-west-1")
    elsewhere.create_instances(instanceNames=["aa"], **{**ORDER, "availabilityZone": "eu-west-1a"})
    for call, arguments in (
        (elsewhere.get_instances, {}),
        (listed.lightsail.client("us-east-1", "somebody-else").get_instances, {}),
        (listed.client.get_instances, {"includeHealthStatus": True}),
        (listed.client.get_operations, {}),
        (listed.client.get_operations_for_resource, {"resourceName": "aa"}),
        (Bench(page_size=2, seed=1).client.get_instances, {}),
    ):
        with pytest.raises(InvalidInputException, match="The page token is not valid"):
            call(pageToken=token, **arguments)


ODD_ON_WIRE = ["", " ", "t1", "None", "AQ==", "é", "\x00", "A" * 100_000, "eyJwYWdlVG9rZW4iOiAidDEifQ=="]
SOME = {
    **{"instanceName": "aa", "resourceName": "aa", "serviceName": "shop", "containerName": "web"},
    **{"relationalDatabaseName": "db", "logStreamName": "error"},
}


@pytest.mark.parametrize("operation", [name for name in PAGED if name in ANSWERED])
def test_every_listing_refuses_every_token_but_its_own(listed: Bench, operation: str) -> None:
    shape = service_model().shape(service_model().operation(operation).input or "")
    given = {name: SOME[name] for name in shape.required}
    if "containerName" in given:
        containers = {"web": {"image": "nginx:latest"}}
        listed.client.create_container_service(
            serviceName="shop", power="nano", scale=1, deployment={"containers": containers}
        )
        listed.settle()
    if "relationalDatabaseName" in given:
        listed.client.create_relational_database(relationalDatabaseName="db", **MYSQL)
        listed.settle()
    assert listed.send(given, operation).status == 200
    others = listed.client.get_operations_for_resource(
        resourceName="aa" if operation != "GetOperationsForResource" else "bb"
    )
    for token in (
        others.get("nextPageToken", "none"),
        listed.client.get_operations()["nextPageToken"][:-4],
        *ODD_ON_WIRE,
    ):
        said = refusal_in(listed.send({**given, "pageToken": token}, operation))
        assert said == Refusal("InvalidInputException", "InvalidParams", "The page token is not valid.")


def test_a_token_outlives_the_row_it_stands_behind(listed: Bench) -> None:
    token = listed.client.get_instances()["nextPageToken"]
    for name in ("bb", "cc"):
        listed.client.delete_instance(instanceName=name)
    listed.create("new")
    assert [one["name"] for one in listed.client.get_instances(pageToken=token)["instances"]] == ["aa"]


def test_a_token_outlives_the_service(tmp_path: Any) -> None:
    first = Bench(tmp_path / "fleet.db", page_size=1)
    first.create("aa", "bb")
    token = first.client.get_instances()["nextPageToken"]
    first.close()
    second = Bench(tmp_path / "fleet.db", page_size=1)
    assert [one["name"] for one in second.client.get_instances(pageToken=token)["instances"]] == ["aa"]
    second.close()


ODD = [*ODD_ON_WIRE, "\ud800"]


@pytest.mark.parametrize("token", ODD, ids=lambda token: repr(token[:8]))
def test_odd_tokens_are_refused_on_the_wire(bench: Bench, token: str) -> None:
    response = bench.send(json.dumps({"pageToken": token}).encode())
    assert response.status == 400
    assert json.loads(response.body)["__type"] in ("InvalidInputException", "SerializationException")
