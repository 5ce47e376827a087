"""Documents in, rows out: every member kept, the order kept, and a reason for whatever is refused."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.service.importing import Found, Import, Refusal, Refused, Where, instances_in
from skysail.service.ready_instances import Ready
from skysail.store.base import Place, Row
from skysail.store.sqlite import SqliteStore

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "published_instances.json").read_text())
HERE = Place("111122223333", "us-east-1")
WHOLE = {
    "name": "web",
    "arn": "arn:aws:lightsail:us-east-1:111122223333:Instance/id-1",
    "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
}


class Done(NamedTuple):
    """A store's new rows, in the order of a listing."""

    rows: list[Row]
    refusals: list[Refusal]


def imported(*documents: Any, account=None, region=None, before=()) -> Done:
    """What a store has after an import, and what was refused; `before` is there already."""
    ids = itertools.count(1)
    store = SqliteStore()
    with store.begin(write=True) as transaction:
        transaction.insert(before)
        done = Import(transaction, account=account, region=region, new_id=lambda: f"new-{next(ids)}")
        done.take(Found(Where("page.json", number), document) for number, document in enumerate(documents, 1))
        rows = transaction.every_row(None, 2000)
    store.close()
    new = [row for row in rows if row not in before]
    return Done(sorted(new, key=lambda row: row.number, reverse=True), done.refusals)


def stored(document, **options):
    done = imported(document, **options)
    assert done.refusals == []
    (row,) = done.rows
    return json.loads(row.document)


def test_a_published_answer_becomes_rows_with_every_member():
    done = imported(*PUBLISHED["instances"])
    assert done.refusals == []
    assert [json.loads(row.document) for row in done.rows] == PUBLISHED["instances"]
    assert {row.place for row in done.rows} == {Place("111122223333", "us-west-2")}
    assert {row.kind for row in done.rows} == {"Instance"}
    assert done.rows[0].id == "0f44fbb9-8f55-4e47-a25e-EXAMPLE04763"


def test_rows_are_numbered_down_above_what_was_there_and_each_place_by_itself():
    elsewhere = {"name": "x", "arn": "arn:aws:lightsail:eu-west-1:111122223333:Instance/id-9"}
    last = Row(HERE, "Instance", "old", "id", 1_700_000_000_000_000, b"{}")
    done = imported(WHOLE | {"name": "a"}, elsewhere, WHOLE | {"name": "b"}, WHOLE | {"name": "c"}, before=[last])
    assert [row.name for row in done.rows if row.place == HERE] == ["a", "b", "c"]
    assert all(row.number > last.number for row in done.rows if row.place == HERE)
    assert [row.name for row in done.rows if row.place != HERE] == ["x"]
    assert done.rows[-1].number < last.number, "a listing that was empty is numbered by itself"


def test_members_that_the_model_does_not_know_are_kept():
    unknown = {"brandNew": {"createdAt": "2026-01-01", "list": [1, None]}}
    assert stored(WHOLE | unknown) == WHOLE | unknown


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (1571332358.665, 1571332358.665),
        (1571332358, 1571332358),
        (1571332358.0, 1571332358),
        (1571332358.66512, 1571332358.665),
        ("2019-10-17T17:12:38.665000+00:00", 1571332358.665),
        ("2019-10-17T10:12:38.665000-07:00", 1571332358.665),
        ("2019-10-17T17:12:38.665Z", 1571332358.665),
        ("2019-10-17T17:12:38", 1571332358),
    ],
)
def test_times_become_numbers_with_at_most_three_decimals(text, number):
    disks = [{"createdAt": text, "sizeInGb": 8}]
    document = stored(WHOLE | {"createdAt": text, "hardware": {"disks": disks}})
    assert document["createdAt"] == document["hardware"]["disks"][0]["createdAt"] == number
    assert type(document["createdAt"]) is type(number)


@pytest.mark.parametrize(
    ("document", "options", "place", "id"),
    [
        (WHOLE, {}, HERE, "id-1"),
        (WHOLE, {"account": "999999999999", "region": "eu-west-1"}, HERE, "id-1"),
        ({"name": "x"}, {"account": "111122223333", "region": "us-east-1"}, HERE, "new-1"),
        (
            {"name": "x", "location": {"regionName": "us-east-1"}, "arn": "hidden"},
            {"account": "111122223333"}, HERE, "new-1",
        ),
        (
            {"name": "x", "arn": "arn:aws:lightsail:us-east-1:REDACTED:Instance/id-2"},
            {"account": "111122223333"}, HERE, "id-2",
        ),
        (
            {"name": "x", "arn": "arn:aws-cn:lightsail:us-east-1:111122223333:Instance/id-3"}, {}, HERE, "id-3",
        ),
    ],
)  # fmt: skip
def test_account_and_region_are_the_document_s_own_where_it_tells_them(document, options, place, id):
    (row,) = imported(document, **options).rows
    assert (row.place, row.id) == (place, id)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (["not", "an", "object"], "it is not a JSON object"),
        ({"arn": WHOLE["arn"]}, "it has no name"),
        (WHOLE | {"name": ""}, "it has no name"),
        (WHOLE | {"name": 5}, "it has no name"),
        (WHOLE | {"resourceType": "Disk"}, "it is a Disk, not an Instance"),
        (WHOLE | {"isStaticIp": "no"}, "STRING_VALUE can not be converted to a Boolean: isStaticIp"),
        (WHOLE | {"tags": {"key": "x"}}, "START_OBJECT can not be converted to a list: tags"),
        (WHOLE | {"hardware": {"disks": [{"sizeInGb": "8"}]}}, "hardware.disks.1.member.sizeInGb"),
        (WHOLE | {"state": None}, "NULL_VALUE can not be converted to a structure: state"),
        (WHOLE | {"createdAt": "yesterday"}, "createdAt is no ISO 8601 time: yesterday"),
        (WHOLE | {"location": {"regionName": "eu-west-1"}}, "its location says eu-west-1, its arn us-east-1"),
        ({"name": "x"}, "--account 111122223333"),
        ({"name": "x", "arn": "arn:aws:lightsail::111122223333:Instance/i"}, "--region us-east-1"),
        (WHOLE | {"username": "\ud800"}, "it cannot be stored"),
        (WHOLE | {"createdAt": 1e400}, "createdAt is no time"),
    ],
)
def test_what_cannot_be_an_instance_is_refused_with_the_reason(document, why):
    done = imported(document)
    assert done.rows == []
    (refusal,) = done.refusals
    assert why in refusal.why
    assert str(refusal.where) == "page.json:1"


def test_a_name_is_refused_where_it_is_taken_or_comes_again():
    old = [Row(HERE, "Instance", "old", "id", 70, b"{}"), Row(HERE, "Disk", "data", "id", 2**62, b"{}")]
    done = imported(WHOLE, WHOLE | {"name": "old"}, WHOLE, WHOLE | {"name": "data"}, before=old)
    assert [row.name for row in done.rows] == ["web"]
    assert list(map(str, done.refusals)) == [
        "page.json:2 (old): the name is taken in us-east-1 of account 111122223333",
        "page.json:3 (web): the name comes a second time",
        "page.json:4 (data): the name is taken in us-east-1 of account 111122223333",
    ]


ARNS = [
    "arn:aws:lightsail:us-east-1:111122223333:Instance/id-1",
    "arn:aws:lightsail:us-east-1:111122223333:Instance/id-2/Instance/id-3",
    "arn:aws:lightsail:us-east-1:111122223333:Instance/",
    "arn:aws:lightsail:us-east-1:111122223333:Instance/id\n4",
    "arn:aws:lightsail:eu-west-1:111122223333:Instance/id-5",
    "arn:aws:lightsail:us-east-1:444455556666:Instance/id-6",
    "arn:Instance/x:lightsail:us-east-1:111122223333:Instance/id-7",
    "arn:Instance/y:lightsail:us-east-1:444455556666:Instance/id-8",
    "hidden",
    "",
]


@given(st.lists(st.tuples(st.sampled_from(ARNS), st.sampled_from([None, "us-east-1", "eu-west-1"]))))
def test_what_was_found_out_about_one_instance_is_used_for_its_like_alone(drawn):
    store = SqliteStore()
    with store.begin(write=False) as transaction:

        def importing():
            return Import(transaction, account="999999999999", region="us-west-2", new_id=lambda: "new")

        together = importing()
        for arn, region in drawn:
            one = Found(Where("f"), None, Ready("x", arn, region or "", b"{}"))
            rows = []
            for done in (together, importing()):
                with suppress(Refused):
                    rows.append(done.row_of(one))
            assert len({(row.place, row.id) for row in rows}) == len(rows) / 2
    store.close()


def test_many_are_taken_in_their_order_and_all_refusals_are_counted():
    store = SqliteStore()
    with store.begin(write=True) as transaction:
        done = Import(transaction, account=None, region=None, new_id=lambda: "")
        names = [f"web-{number * 7919 % 1201}" for number in range(1201)]
        found = [Found(Where("f", line), WHOLE | {"name": name}) for line, name in enumerate([*names, *names[:20]], 1)]
        done.take(found)
        rows = transaction.page(HERE, "Instance", None, 2000)
    store.close()
    assert [row.name for row in rows] == names
    assert (done.taken, done.refused, len(done.refusals)) == (1201, 20, 10)
    assert str(done.refusals[0]) == "f:1202 (web-0): the name comes a second time"


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"instances": [{"name": "a"}, 5]}, [("f, instance 1", {"name": "a"}), ("f, instance 2", 5)]),
        ({"instances": []}, []),
        ([{"name": "a"}], [("f, instance 1", {"name": "a"})]),
        ({"instance": {"name": "a"}}, [("f", {"name": "a"})]),
        ({"name": "a"}, [("f", {"name": "a"})]),
        ({"instances": "x"}, [("f", {"instances": "x"})]),
        (7, [("f", 7)]),
    ],
)
def test_the_instances_of_a_document_are_found_in_every_shape_of_answer(document, found):
    assert [(str(one.where), one.document) for one in instances_in(document, Where("f"))] == found


def test_a_refusal_without_a_name_tells_the_place_alone():
    assert str(Refusal(Where("f", 3), None, "not JSON")) == "f:3: not JSON"


def test_rows_are_json_ready_to_send():
    (row,) = imported(WHOLE | {"createdAt": 1571332358.665}).rows
    assert msgspec.json.decode(row.document)["createdAt"] == 1571332358.665
    assert (row.private, row.name_space) == (b"{}", "")
