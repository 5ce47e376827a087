"""The one resume token of a fleet."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.token import FleetState, readable
from skysail.errors import UsageError

A, B = Login(profile="a"), Login(role_arn="arn:aws:iam::111122223333:role/R")
NAMES = st.text(min_size=1, max_size=8)
LOGINS = st.one_of(
    st.just(Login()),
    NAMES.map(lambda name: Login(profile=name)),
    NAMES.map(lambda name: Login(role_arn=name)),
    NAMES.map(lambda name: Login(key=name)),
)
POSITIONS = st.one_of(
    st.none(),
    st.just("done"),
    st.builds(lambda token: {"pageToken": token}, st.text()),
    st.builds(lambda token, n: {"pageToken": token, "boto_truncate_amount": n}, st.none() | st.text(), st.integers(0)),
)
STATES = st.builds(
    lambda arguments, positions: FleetState("GetInstances", arguments, positions),
    st.dictionaries(NAMES, st.booleans() | st.text()),
    st.dictionaries(st.builds(FleetPlace, LOGINS, NAMES), POSITIONS),
)


def state(positions: dict[FleetPlace, Any], **arguments: Any) -> FleetState:
    return FleetState("GetInstances", arguments, positions)


def token_of(document: Any) -> str:
    return b64encode(json.dumps(document).encode()).decode()


def test_a_token_can_be_read_by_people() -> None:
    positions = {
        FleetPlace(A, "us-east-1"): "done",
        FleetPlace(B, "us-east-1"): {"pageToken": "t1"},
        FleetPlace(A, "eu-west-1"): None,
    }
    token = state(positions).token
    assert token is not None
    assert json.loads(b64decode(token)) == {
        "skysail_fleet": 1,
        "operation": "GetInstances",
        "arguments": {},
        "logins": [
            {"profile": "a", "done": ["us-east-1"], "left": {"eu-west-1": None}},
            {"role_arn": B.role_arn, "done": [], "left": {"us-east-1": {"pageToken": "t1"}}},
        ],
    }


@given(STATES)
def test_a_token_gives_back_the_state(state: FleetState) -> None:
    token = state.token
    if token is None:
        assert set(state.positions.values()) <= {"done"}
    else:
        assert FleetState.of_token(token) == state
        assert readable(token) == state.document()


BAD: dict[str, Any] = {
    "no base64": "???",
    "JSON deeper than anything": b64encode(b"[" * 100_000).decode(),
    "no JSON": b64encode(b"{").decode(),
    "a paginator's": token_of({"pageToken": "t1"}),
    "a list": token_of([]),
    "a newer one": token_of({"skysail_fleet": 2}),
    "without places": token_of({"skysail_fleet": 1, "operation": "GetInstances", "arguments": {}}),
    "places that are none": token_of({"skysail_fleet": 1, "operation": "X", "arguments": {}, "logins": [3]}),
    "a position that is none": token_of(
        {"skysail_fleet": 1, "operation": "X", "arguments": {}, "logins": [{"done": [], "left": {"r": {}}}]}
    ),
    "a place twice": token_of(
        {"skysail_fleet": 1, "operation": "X", "arguments": {}, "logins": [{"done": ["r"], "left": {"r": None}}]}
    ),
    "a login of two kinds": token_of(
        {
            "skysail_fleet": 1,
            "operation": "X",
            "arguments": {},
            "logins": [{"profile": "a", "key": "b", "done": [], "left": {}}],
        }
    ),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_what_is_no_fleet_token_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        FleetState.of_token(text)


def test_going_on_adds_the_places_that_are_new() -> None:
    one, two = FleetPlace(A, "us-east-1"), FleetPlace(A, "us-east-2")
    kept = state({one: {"pageToken": "t1"}})
    assert kept.covering(state({two: None, one: None})).positions == {two: None, one: {"pageToken": "t1"}}


def test_going_on_elsewhere_is_refused_while_something_is_missing() -> None:
    one, two = FleetPlace(A, "us-east-1"), FleetPlace(A, "us-east-2")
    with pytest.raises(UsageError, match="a/us-east-1"):
        state({one: None}).covering(state({two: None}))
    assert state({one: "done"}).covering(state({two: None})).positions == {one: "done", two: None}


def test_going_on_with_another_question_is_refused() -> None:
    one = FleetPlace(A, "us-east-1")
    with pytest.raises(UsageError, match="GetInstances"):
        state({one: None}).covering(FleetState("GetDisks", {}, {one: None}))
    with pytest.raises(UsageError, match="name"):
        state({one: None}).covering(state({one: None}, name="x"))
