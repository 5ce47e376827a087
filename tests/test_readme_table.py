"""The README's table beside boto3: each line that is no figure is held here, and every figure names its benchmark.

That arguments, answers, errors, tokens and credentials are boto3's, tests/authority and tests/caller hold at length.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import botocore.session
import pytest
from botocore.paginate import Paginator

import benchmarks.async_walk
import benchmarks.narrowed
import benchmarks.start
import benchmarks.walk
import skysail
from documents import PROJECT
from skysail.caller.pages import make_paginator
from skysail.protocol.model import service_model
from skysail.server import LocalLightsail

LISTING: dict[str | None, dict[str, Any]] = {
    None: {"instances": [1, 2, 3], "nextPageToken": "t1"},
    "t1": {"instances": [4, 5]},
}
CUT = {"PaginationConfig": {"MaxItems": 4}}


def listed(pageToken: str | None = None) -> dict[str, Any]:
    return dict(LISTING[pageToken])


def boto3s(call: Callable[..., dict[str, Any]]) -> Paginator:
    rule = {"input_token": "pageToken", "output_token": "nextPageToken", "result_key": "instances"}
    return Paginator(call, rule, None)


def ours(call: Callable[..., dict[str, Any]]) -> Any:
    return make_paginator(service_model().operation("GetInstances"), call)


def check_tokens() -> None:
    assert ["NextToken" in page for page in boto3s(listed).paginate(**CUT)] == [False, False]
    assert ["NextToken" in page for page in ours(listed).paginate(**CUT)] == [True, True]


def check_errors() -> None:
    calls = count(1)

    def failing(pageToken: str | None = None) -> dict[str, Any]:  # at its second call
        if next(calls) == 2:
            raise ConnectionError
        return listed(pageToken)

    delivered: list[dict[str, Any]] = []
    with pytest.raises(ConnectionError):
        for page in ours(failing).paginate():
            delivered.append(page)
    config = {"StartingToken": delivered[-1]["NextToken"]}
    assert [page["instances"] for page in ours(listed).paginate(PaginationConfig=config)] == [[4, 5]]

    iterator, calls = boto3s(failing).paginate(), count(1)
    with pytest.raises(ConnectionError):
        for _ in iterator:
            pass
    assert iterator.resume_token is None


def check_paginators() -> None:
    model = service_model()
    theirs = botocore.session.get_session().create_client(
        "lightsail", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    pageable = {method for method in model.methods if theirs.can_paginate(method)}
    with LocalLightsail() as lightsail:
        client = lightsail.client()
        more = {method for method in model.methods if client.can_paginate(method)}
    assert len(pageable) == 20
    assert pageable < more
    assert more == {method for method, name in model.methods.items() if model.operation(name).paging}


def check_fleet() -> None:
    assert callable(skysail.fleet)


def check_local() -> None:
    with LocalLightsail() as lightsail:
        assert lightsail.client().get_instances()["instances"] == []


HELD: dict[str, Callable[[], Any]] = {
    "`NextToken` on a page that MaxItems cut, or that another one follows": check_tokens,
    "after an error in the middle of a walk": check_errors,
    "CPU for a page of 100 instances, as a multiple of a raw floor": lambda: (
        benchmarks.walk.main,
        benchmarks.async_walk.main,
    ),
    "CPU for the names of 100 instances, by `search`": lambda: benchmarks.narrowed.main,
    "process start to the first page": lambda: benchmarks.start.main,
    "paginators": check_paginators,
    "several accounts and regions, one token": check_fleet,
    "a Lightsail to rehearse on": check_local,
    "arguments, answers, errors, tokens, credentials": check_tokens,
}


def rows() -> list[str]:
    lines = (PROJECT / "README.md").read_text().splitlines()
    return [line.split("|")[1].strip() for line in lines if line.startswith("|")][2:]


def test_every_line_of_the_table_is_held() -> None:
    assert rows() == list(HELD)


@pytest.mark.parametrize("row", HELD)
def test_a_line_of_the_table_is_true(row: str) -> None:
    HELD[row]()
