"""What is ready at a glance comes out as the close look would have it, and what usually comes is ready."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skysail.service.importing import Refused, checked
from skysail.service.ready_instances import ready

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "published_instances.json").read_text())["instances"]
TIME = "2019-10-17T17:12:38.665000+00:00"
WITH_ALL = PUBLISHED[0] | {
    "createdAt": TIME,
    "tags": [{"key": "env", "value": "prod"}],
    "systemStatus": {"details": [{"name": "reachability", "impairedSince": 1571332358.665}]},
}


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(path for key, inner in entries for path in paths(inner, (*before, key)))]


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return document


VALUES = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 1.0, 1.5, 1571332358.66512, 1571332358.0, 1e10, 1e400, 10**30, -0.0),
        *("", "x", TIME, "2019-10-17", "yesterday", "a\\b", 'a"b', "\ud800", "ü€😀", "\x7f", "Instance", "Disk"),
        *([], {}, [1], [TIME], {"createdAt": TIME}, {"unknown": [TIME, 1e400]}, [{"createdAt": 1.0}], {"name": "x"}),
    ]
)
DOCUMENTS = st.builds(
    lambda document, changes: _all_changed(document, changes),
    st.sampled_from([*PUBLISHED, WITH_ALL]),
    st.lists(
        st.tuples(st.integers(0, 10_000), VALUES, st.none() | st.sampled_from(["createdAt", "new", "name"])), max_size=3
    ),
)


def _all_changed(document: Any, changes: list[tuple[int, Any, str | None]]) -> Any:
    for number, value, added in changes:
        there = paths(document)
        path = there[number % len(there)]
        holder = document
        for key in path:
            holder = holder[key]
        document = changed(document, (*path, added) if added and isinstance(holder, dict) else path, value)
    return document


@settings(max_examples=1000)
@given(
    DOCUMENTS, st.sampled_from([None, 4]), st.booleans(), st.booleans(), st.integers(0, 100_000), st.binary(max_size=2)
)
@example(WITH_ALL, None, True, False, 0, b"")
@example(WITH_ALL | {"username": TIME}, None, True, False, 0, b"")
@example(WITH_ALL | {"instances": []}, None, True, False, 0, b"")
def test_what_is_ready_comes_out_as_the_close_look_would_have_it(document, indent, ascii, is_listed, place, instead):
    raw = json.dumps(document, indent=indent, ensure_ascii=ascii).encode(errors="surrogatepass")
    if instead:
        place %= len(raw)
        raw = raw[:place] + instead + raw[place + 1 :]
    found = ready(raw, is_listed)
    if found is None:
        return
    document = json.loads(raw)
    if not is_listed:
        assert not {"instances", "instance"} & document.keys()
    try:
        expected = checked(document)
    except Refused as refused:
        raise AssertionError(f"it would have been refused: {refused}") from refused
    assert repr(json.loads(found.document)) == repr(json.loads(expected))
    assert found.name == document["name"]
    assert found.arn == document.get("arn", "")
    assert found.region == document.get("location", {}).get("regionName", "")
    assert b"\n" not in found.document


def as_aws_prints(document: Any) -> Any:
    """Times as the AWS CLI writes them."""
    return json.loads(re.sub(r'("createdAt": )[\d.]+', rf'\1"{TIME}"', json.dumps(document)))


@pytest.mark.parametrize(
    "document",
    [*PUBLISHED, *map(as_aws_prints, PUBLISHED), WITH_ALL, WITH_ALL | {"brandNew": {"a": [1, None]}}, {"name": "x"}],
)
@pytest.mark.parametrize("indent", [None, 4])
def test_what_usually_comes_is_ready(document, indent):
    assert ready(json.dumps(document, indent=indent).encode(), False) is not None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"name":"a","username":"2019-10-17","createdAt":"2019-10-17"}',
        b'{"name":"a","username":"\\"","createdAt":"2019-10-17"}',
        b'{"name":"a","createdAt":1571332358.66512}',
        b'{"name":"a","createdAt":1571332358.0}',
        b'{"name":"a","createdAt":1571332358,"unknown":1e400}',
        b'{"name":"a","resourceType":"Disk"}',
        b'{"name":""}',
        b'{"name":"a","instances":[]}',
        b'{"name":"a"} ,',
        b"7",
        b"",
    ],
)
def test_what_is_unusual_is_left_to_the_close_look(raw):
    assert ready(raw, False) is None
