"""`truthful(client)`: on other people's clients, with services that moto plays, and on all of botocore's paginators."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, NamedTuple

import boto3
import botocore.paginate
import pytest
from botocore.exceptions import OperationNotPageableError
from botocore.loaders import Loader
from botocore.stub import Stubber
from hypothesis import given, settings
from hypothesis import strategies as st

import skysail
from paged_answers import finish, three_three_two
from skysail.caller.expressions import put, reader
from skysail.caller.truthful import _truthful_kind


class Case(NamedTuple):
    """An operation to list, with its arguments, on what the fixture `aws` has made."""

    service: str
    operation: str
    arguments: dict[str, Any]
    page_sizes: tuple[int | None, ...] = (None, 1, 2, 3, 4)


POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}"""
QUERY = {
    "KeyConditionExpression": "maker = :maker",
    "ExpressionAttributeValues": {":maker": {"S": "x"}},
    "ScanIndexForward": False,
}
CASES = [
    Case("s3", "list_objects_v2", {"Bucket": "shelf"}),
    Case("s3", "list_objects_v2", {"Bucket": "shelf", "Delimiter": "/"}),
    Case("s3", "list_objects", {"Bucket": "shelf"}),
    Case("s3", "list_object_versions", {"Bucket": "drafts"}),
    Case("dynamodb", "scan", {"TableName": "parts"}),
    Case("dynamodb", "scan", {"TableName": "parts", "FilterExpression": "attribute_exists(nobody)"}),
    Case("dynamodb", "query", {"TableName": "parts", **QUERY}),
    Case("ec2", "describe_instances", {}, (None, 5)),
    Case("iam", "list_users", {}),
    Case("iam", "list_policies", {"Scope": "Local"}),
    Case("iam", "get_account_authorization_details", {"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]}),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join([case.operation, *case.arguments]))
max_items = st.none() | st.integers(0, 14)


@pytest.fixture(scope="module")
def aws() -> Iterator[SimpleNamespace]:
    """Clients of boto3's by their services' names, and something for each to list."""
    from moto import mock_aws  # here, because it takes half a second that other tests need not wait for

    with mock_aws():
        made = SimpleNamespace(**{name: boto3.client(name, "us-east-1") for name in ("s3", "dynamodb", "ec2", "iam")})
        fill_s3(made.s3)
        fill_dynamodb(made.dynamodb)
        for _ in range(7):
            made.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
        for number in range(7):
            made.iam.create_user(UserName=f"user-{number}")
            made.iam.create_group(GroupName=f"group-{number}")
            made.iam.create_policy(PolicyName=f"policy-{number}", PolicyDocument=POLICY)
        yield made


def fill_s3(client: Any) -> None:
    client.create_bucket(Bucket="shelf")
    client.create_bucket(Bucket="drafts")
    client.put_bucket_versioning(Bucket="drafts", VersioningConfiguration={"Status": "Enabled"})
    for number in range(12):
        client.put_object(Bucket="shelf", Key=f"k{number:02}" if number % 3 else f"d{number:02}/x")
    for number in range(4):
        client.put_object(Bucket="drafts", Key=f"k{number}")
        client.put_object(Bucket="drafts", Key=f"k{number}")
        if number % 2:
            client.delete_object(Bucket="drafts", Key=f"k{number}")


def fill_dynamodb(client: Any) -> None:
    client.create_table(
        TableName="parts",
        KeySchema=[{"AttributeName": "maker", "KeyType": "HASH"}, {"AttributeName": "code", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "maker", "AttributeType": "S"},
            {"AttributeName": "code", "AttributeType": "B"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(9):
        client.put_item(TableName="parts", Item={"maker": {"S": "x"}, "code": {"B": bytes([number, 0, 255])}})


def walk(client: Any, case: Case, page_size: int | None, **config: Any) -> list[dict[str, Any]]:
    if page_size is not None:
        config["PageSize"] = page_size
    return list(client.get_paginator(case.operation).paginate(**case.arguments, PaginationConfig=config))


def parts(client: Any, case: Case, pages: list[dict[str, Any]]) -> list[list[Any]]:
    """What the pages list: the items of each result key."""
    keys = client.get_paginator(case.operation).result_keys
    found = [[key.search(page) for page in pages] for key in keys]
    return [[item for items in each if isinstance(items, list) for item in items] for each in found]


def comparable(pages: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[str]]]:
    """The pages and the order of their members, without the token and the metadata, which has each request's own."""
    plain = deepcopy(pages)
    for page in plain:
        page.pop("NextToken", None)
        assert page.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return [(page, list(page)) for page in plain]


# The promise


@each_case
@given(st.data())
@settings(max_examples=12)
def test_every_pages_next_token_resumes_exactly_behind_it(aws, case, data):
    client = getattr(aws, case.service)
    page_size, limit = data.draw(st.sampled_from(case.page_sizes)), data.draw(max_items)
    whole = parts(client, case, walk(client, case, None))
    with skysail.truthful(client):
        pages = walk(client, case, page_size, MaxItems=limit)
        for number, page in enumerate(pages, 1):
            rest = walk(client, case, page_size, StartingToken=page["NextToken"]) if "NextToken" in page else []
            before, after = parts(client, case, pages[:number]), parts(client, case, rest)
            assert [one + other for one, other in zip(before, after, strict=True)] == whole


@each_case
@given(st.integers(1, 5), st.data())
@settings(max_examples=6)
def test_a_listing_taken_in_steps_by_its_next_tokens_is_the_whole_listing(aws, case, step, data):
    client = getattr(aws, case.service)
    page_size = data.draw(st.sampled_from(case.page_sizes))
    taken: list[dict[str, Any]] = []
    token = None
    with skysail.truthful(client):
        while token is not None or not taken:
            taken += walk(client, case, page_size, MaxItems=step, StartingToken=token)
            token = taken[-1].get("NextToken")
    assert parts(client, case, taken) == parts(client, case, walk(client, case, None))


@each_case
@given(st.data())
@settings(max_examples=8)
def test_but_for_the_next_token_the_pages_are_the_clients_own(aws, case, data):
    client = getattr(aws, case.service)
    page_size, limit = data.draw(st.sampled_from(case.page_sizes)), data.draw(max_items)
    expected = walk(client, case, page_size, MaxItems=limit)
    with skysail.truthful(client):
        assert comparable(walk(client, case, page_size, MaxItems=limit)) == comparable(expected)
    assert comparable(walk(client, case, page_size, MaxItems=limit)) == comparable(expected)


@each_case
def test_the_clients_own_views_on_the_pages_are_unchanged(aws, case):
    client = getattr(aws, case.service)

    def views() -> list[Any]:
        def listing() -> Any:
            config = {"MaxItems": 5, "PageSize": case.page_sizes[-1]}
            return client.get_paginator(case.operation).paginate(**case.arguments, PaginationConfig=config)

        keys = [key.expression for key in listing().result_keys]
        iterators = [(each.result_key.expression, type(each)) for each in listing().result_key_iters()]
        resumed = listing()
        list(resumed)
        found = [list(listing().search(f"{keys[0]}[]")), list(listing().result_key_iters()[0])]
        return [keys, iterators, listing().build_full_result(), resumed.resume_token, resumed.non_aggregate_part, found]

    expected = views()
    with skysail.truthful(client):
        assert views() == expected


def test_a_full_result_has_the_next_token_of_its_own_walk_alone(aws):
    with skysail.truthful(aws.s3):
        listing = aws.s3.get_paginator("list_objects_v2").paginate(Bucket="shelf")
    listing.resume_token = {"ContinuationToken": "old"}
    assert "NextToken" not in listing.build_full_result()


def test_each_pass_begins_at_the_beginning(aws):
    with skysail.truthful(aws.s3):
        listing = aws.s3.get_paginator("list_objects_v2").paginate(Bucket="shelf", PaginationConfig={"PageSize": 5})
    assert [page["KeyCount"] for page in listing] == [page["KeyCount"] for page in listing] == [5, 5, 2]


def test_a_structured_token_with_bytes_in_it_is_written_as_botocore_writes_it(aws):
    case = next(case for case in CASES if case.operation == "query")
    with skysail.truthful(aws.dynamodb):
        first = walk(aws.dynamodb, case, 4)[0]
    expected = {"ExclusiveStartKey": {"maker": {"S": "x"}, "code": {"B": bytes([5, 0, 255])}}}
    assert botocore.paginate.TokenDecoder().decode(first["NextToken"]) == expected
    assert first["LastEvaluatedKey"] == expected["ExclusiveStartKey"]


def test_a_services_own_next_token_stays_on_what_its_methods_answer(aws):
    raw = aws.ec2.describe_instances(MaxResults=5)["NextToken"]
    with skysail.truthful(aws.ec2):
        assert aws.ec2.describe_instances(MaxResults=5)["NextToken"] == raw
        page = walk(aws.ec2, Case("ec2", "describe_instances", {}), 5)[0]
    assert botocore.paginate.TokenDecoder().decode(page["NextToken"]) == {"NextToken": raw}


# The client, and what becomes of it


def test_the_client_is_left_exactly_as_it_was(aws):
    before, own = dict(vars(aws.s3)), aws.s3.get_paginator
    opened = skysail.truthful(aws.s3)
    assert opened.client is aws.s3
    assert aws.s3.get_paginator != own
    assert "NextToken" in shelf_page(aws.s3)
    opened.close()
    assert vars(aws.s3) == before
    assert aws.s3.get_paginator == own
    assert "NextToken" not in shelf_page(aws.s3)


def shelf_page(client: Any) -> dict[str, Any]:
    return next(
        iter(client.get_paginator("list_objects_v2").paginate(Bucket="shelf", PaginationConfig={"PageSize": 3}))
    )


def test_an_exception_in_the_block_closes_it_too(aws):
    with pytest.raises(ZeroDivisionError), skysail.truthful(aws.s3):
        1 / 0
    assert "get_paginator" not in vars(aws.s3)


def test_another_client_of_the_same_service_is_not_touched(aws):
    other = boto3.client("s3", "us-east-1")
    with skysail.truthful(aws.s3):
        assert "NextToken" not in shelf_page(other)


def test_several_may_be_open_on_a_client_and_the_last_to_close_restores_it(aws):
    first, second = skysail.truthful(aws.s3), skysail.truthful(aws.s3)
    first.close()
    first.close()
    assert "NextToken" in shelf_page(aws.s3)
    second.close()
    assert "get_paginator" not in vars(aws.s3)


def test_a_paginator_made_in_the_meantime_stays_truthful(aws):
    with skysail.truthful(aws.s3):
        paginator = aws.s3.get_paginator("list_objects_v2")
    page = next(iter(paginator.paginate(Bucket="shelf", PaginationConfig={"PageSize": 3})))
    assert "NextToken" in page


def test_a_get_paginator_taken_from_an_open_client_is_botocores_again_when_it_is_closed(aws):
    with skysail.truthful(aws.s3):
        taken = aws.s3.get_paginator
    assert taken("list_objects_v2").PAGE_ITERATOR_CLS is botocore.paginate.PageIterator


def test_somebody_elses_patches_below_and_above_stay(aws):
    asked: list[str] = []

    def recorded(original: Any) -> Any:
        def get_paginator(operation_name: str) -> Any:
            asked.append(operation_name)
            return original(operation_name)

        return get_paginator

    client = boto3.client("s3", "us-east-1")
    below = client.get_paginator = recorded(client.get_paginator)
    first = skysail.truthful(client)
    above = client.get_paginator = recorded(client.get_paginator)
    second = skysail.truthful(client)
    assert "NextToken" in shelf_page(client)
    assert asked == ["list_objects_v2"] * 2
    second.close()
    assert client.get_paginator is above
    assert "NextToken" in shelf_page(client)
    first.close()
    assert client.get_paginator is above
    assert "NextToken" not in shelf_page(client)
    client.get_paginator = below
    with skysail.truthful(client):
        assert "NextToken" in shelf_page(client)
    assert client.get_paginator is below


def test_threads_may_open_and_close_it_as_they_like(aws):
    def use(_: int) -> bool:
        kept = True
        for _ in range(5000):
            with skysail.truthful(aws.s3):
                kept = kept and "get_paginator" in vars(aws.s3)
        return kept

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # seconds: threads take turns at nearly every step
    try:
        with ThreadPoolExecutor(3) as threads:
            assert all(threads.map(use, range(3)))
    finally:
        sys.setswitchinterval(usual)
    assert "get_paginator" not in vars(aws.s3)


@pytest.mark.parametrize("thing", [None, boto3, "s3", boto3.Session()])
def test_what_is_no_client_is_refused(thing):
    with pytest.raises(TypeError, match="truthful\\(\\) takes a client of boto3, botocore or aiobotocore, not "):
        skysail.truthful(thing)


# What else a paginator is


def test_paginators_are_botocores_own(aws):
    plain = aws.s3.get_paginator("list_objects_v2")
    with skysail.truthful(aws.s3):
        paginator = aws.s3.get_paginator(operation_name="list_objects_v2")
        assert aws.s3.get_paginator.__doc__ == type(aws.s3).get_paginator.__doc__
    assert isinstance(paginator, botocore.paginate.Paginator)
    assert type(paginator).__name__ == type(plain).__name__ == "S3.Paginator.ListObjectsV2"
    listing = paginator.paginate(Bucket="shelf")
    assert isinstance(listing, botocore.paginate.PageIterator)
    with pytest.raises(TypeError, match="'PageIterator' object is not an iterator"):
        next(listing)


def test_errors_are_botocores_own(aws):
    with skysail.truthful(aws.s3):
        assert (aws.s3.can_paginate("list_objects_v2"), aws.s3.can_paginate("get_object")) == (True, False)
        with pytest.raises(OperationNotPageableError):
            aws.s3.get_paginator("get_object")
        with pytest.raises(KeyError, match="nope"):
            aws.s3.get_paginator("nope")
        with pytest.raises(ValueError, match="invalid literal for int"):
            aws.s3.get_paginator("list_objects_v2").paginate(PaginationConfig={"MaxItems": "many"})
        with pytest.raises(aws.s3.exceptions.NoSuchBucket):
            list(aws.s3.get_paginator("list_objects_v2").paginate(Bucket="nobodys"))


@pytest.mark.parametrize(("given", "sent"), [(3, "3"), ("3", "3")])
def test_a_page_size_is_sent_as_the_operation_wants_it(given, sent):
    client = boto3.client("route53", aws_access_key_id="k", aws_secret_access_key="s")
    answer = {"HostedZones": [], "Marker": "", "IsTruncated": False, "MaxItems": sent}
    with Stubber(client) as stub, skysail.truthful(client):
        stub.add_response("list_hosted_zones", answer, {"MaxItems": sent})
        list(client.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": given}))


def test_the_user_agent_says_that_a_paginator_asks(aws):
    client = boto3.client("s3", "us-east-1")
    agents: list[str] = []
    client.meta.events.register(
        "before-send.s3", lambda request, **_: agents.append(str(request.headers["User-Agent"]))
    )
    shelf_page(client)
    with skysail.truthful(client):
        shelf_page(client)
        client.list_objects_v2(Bucket="shelf")
    assert agents[0] == agents[1] != agents[2]


def test_a_resources_collections_go_on_working(aws):
    resource = boto3.resource("s3", "us-east-1")
    keys = [each.key for each in resource.Bucket("shelf").objects.page_size(5).limit(7)]
    with skysail.truthful(resource.meta.client):
        assert [each.key for each in resource.Bucket("shelf").objects.page_size(5).limit(7)] == keys
    assert len(keys) == 7


# Every paginator of every service


def described_paginators() -> Iterator[tuple[str, dict[str, Any]]]:
    loader = Loader()
    for service in loader.list_available_services("paginators-1"):
        for version in loader.list_api_versions(service, "paginators-1"):
            for operation, described in loader.load_service_model(service, "paginators-1", version)[
                "pagination"
            ].items():
                yield f"{service} {version} {operation}", described


def test_every_paginator_of_every_service_keeps_the_promise():
    """On a service of five things a key, on two pages: cut in the first, at its end, in the second, and not at all."""
    count = 0
    for name, described in described_paginators():
        service = FivePerKey(described)
        for limit, expected in [(2, [2]), (3, [3]), (4, [3, 1]), (None, [3, 2])]:
            pages = service.walk(MaxItems=limit)
            assert [len(service.things(page)[0]) for page in pages] == expected, name
            assert ["NextToken" in page for page in pages] == [True] * (len(pages) - 1) + [limit is not None], name
            for number, page in enumerate(pages, 1):
                rest = service.walk(StartingToken=page["NextToken"]) if "NextToken" in page else []
                assert service.taken([*pages[:number], *rest]) == service.everything(), name
        count += 1
    assert count > 3000


class FivePerKey:
    """An operation as botocore describes its paging, with two pages: three things and two, of each result key."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._paginator = botocore.paginate.Paginator(self._call, described, None)
        self._paginator.PAGE_ITERATOR_CLS = _truthful_kind(botocore.paginate.PageIterator)
        self._inputs = several(described["input_token"])
        self._outputs = several(described["output_token"])
        self._more_results = described.get("more_results")
        self._keys = several(described["result_key"])

    def _call(self, **arguments: Any) -> dict[str, Any]:
        first = not arguments
        assert first or arguments == dict.fromkeys(self._inputs, "t1")
        answer: dict[str, Any] = {}
        for key in self._keys:
            put(answer, key, [{"key": key, "number": number} for number in (range(3) if first else range(3, 5))])
        if self._more_results:
            put(answer, self._more_results, first)
        for source in self._outputs if first else []:
            if last := re.fullmatch(r"(?:\w+ \|\| )?([\w.]+)\[-1\]\.(\w+)", source):
                reader(last[1])(answer)[-1][last[2]] = "t1"
            else:
                put(answer, source, "t1")
        return answer

    def walk(self, **config: Any) -> list[dict[str, Any]]:
        return list(self._paginator.paginate(PaginationConfig=config))

    def things(self, page: dict[str, Any]) -> list[list[int]]:
        return [[each["number"] for each in reader(key)(page)] for key in self._keys]

    def taken(self, pages: list[dict[str, Any]]) -> list[list[int]]:
        each_page = [self.things(page) for page in pages]
        return [[each for things in each_page for each in things[place]] for place in range(len(self._keys))]

    def everything(self) -> list[list[int]]:
        return [[0, 1, 2, 3, 4]] * len(self._keys)


def several(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


# aiobotocore


class AwaitingPageIterator(botocore.paginate.PageIterator):
    """What makes aiobotocore's one known: it is walked with `async for`, and what it asks is awaited."""

    async def __aiter__(self) -> AsyncIterator[Any]:
        yield await self._make_request(self._op_kwargs)


class AwaitingPaginator(botocore.paginate.Paginator):
    PAGE_ITERATOR_CLS = AwaitingPageIterator


def test_a_client_whose_pages_are_awaited_is_known_by_that_and_not_by_its_name():
    client = boto3.client("lightsail", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    described = Loader().load_service_model("lightsail", "paginators-1")["pagination"]["GetInstances"]
    client.get_paginator = lambda _: AwaitingPaginator(three_three_two().awaited, described, None)

    async def numbers(**config: Any) -> list[tuple[int, str | None]]:
        listing = client.get_paginator("get_instances").paginate(PaginationConfig=config)
        assert isinstance(listing, AwaitingPageIterator)
        return [(len(page["instances"]), page.get("NextToken")) async for page in listing]

    with skysail.truthful(client):
        first, second, third = finish(numbers())
        assert [first[0], second[0], third] == [3, 3, (2, None)]
        assert finish(numbers(StartingToken=first[1])) == [second, third]
        cut = finish(numbers(MaxItems=4))[-1]
        assert finish(numbers(StartingToken=cut[1])) == [(2, second[1]), third]
    assert finish(numbers()) == [(3, None)]


@pytest.mark.whole
def test_an_aiobotocore_client_keeps_the_promise():
    aiobotocore = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()

    async def use() -> None:
        session = aiobotocore.get_session()
        address = {"region_name": "us-east-1", "endpoint_url": f"http://{host}:{port}"}
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
        async with session.create_client("s3", **address, **keys) as client:
            await client.create_bucket(Bucket="far-shelf")
            for number in range(7):
                await client.put_object(Bucket="far-shelf", Key=f"k{number}")
            own = client.get_paginator
            with skysail.truthful(client):
                await keeps_the_promise(client)
            assert client.get_paginator == own
            assert "get_paginator" not in vars(client)

    try:
        asyncio.run(use())
    finally:
        server.stop()


async def keeps_the_promise(client: Any) -> None:
    agents: list[str] = []
    client.meta.events.register(
        "before-send.s3", lambda request, **_: agents.append(str(request.headers["User-Agent"]))
    )

    def listing(**config: Any) -> Any:
        return client.get_paginator("list_objects_v2").paginate(
            Bucket="far-shelf", PaginationConfig=config | {"PageSize": 3}
        )

    whole = [f"k{number}" for number in range(7)]
    assert [key async for key in listing().search("Contents[].Key")] == whole
    assert [each["Key"] async for each in listing().result_key_iters()[0]] == whole
    for limit in [None, *range(8)]:
        cut = listing(MaxItems=limit)
        taken: list[str] = []
        async for page in cut:
            taken += [each["Key"] for each in page["Contents"]]
            rest = listing(StartingToken=page["NextToken"]) if "NextToken" in page else None
            after = (await rest.build_full_result())["Contents"] if rest else []
            assert taken + [each["Key"] for each in after] == whole
        assert (await cut.build_full_result()).get("NextToken") == cut.resume_token
    await client.list_objects_v2(Bucket="far-shelf")
    assert len(set(agents)) == 2
    assert agents[-1] not in agents[:-1]
