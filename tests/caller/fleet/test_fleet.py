"""Walks over a fleet in this process: what is handed out, what is acknowledged, and how a walk goes on."""

from __future__ import annotations

import asyncio
import json
import pickle
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import skysail
from fleets import REGIONS, Fleets, Limits, accounts, arns, arns_in, keys
from skysail.caller.fleet.fleet import Fleet, FleetPart
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.errors import (
    CheckpointError,
    NotPageableError,
    ParameterError,
    ProfileNotFoundError,
    ServiceError,
    UsageError,
)
from skysail.world import manual_world

A, B = accounts(2)


@pytest.fixture
def fleets() -> Iterator[Fleets]:
    """Two accounts in two regions, 7 instances in each, in pages of 3."""
    made = Fleets(manual_world(), [A, B], ["us-east-1", "eu-west-1"], size=7, page_size=3)
    yield made
    made.close()


# --- pages and items ------------------------------------------------------------------------------------------


def test_every_instance_comes_once_with_its_account_and_region(fleets: Fleets) -> None:
    pages = list(fleets.walk())
    assert len(pages) == 4 * 3
    assert sorted(arns(pages)) == sorted(fleets.arns)
    for page in pages:
        assert {item["arn"].split(":")[3:5] == [page.region, page.account] for item in page.items} == {True}
        assert page.content["instances"] is page.items


def test_items_carry_where_they_are_from(fleets: Fleets) -> None:
    items = list(fleets.walk().items())
    assert {item["arn"] for item in items} == fleets.arns
    assert {(item["_account"], item["_region"], item["_profile"]) for item in items} == {
        (account, region, None) for account in (A, B) for region in ("us-east-1", "eu-west-1")
    }
    assert list(items[0])[-3:] == ["_account", "_region", "_profile"]


def test_fields_are_all_that_comes(fleets: Fleets) -> None:
    items = list(fleets.walk(fields=["name", "state.name"]).items())
    assert len(items) == 28
    assert items[0].keys() == {"name", "state", "_account", "_region", "_profile"}
    assert items[0]["state"] == {"name": "running"}
    assert items[0]["_account"] in (A, B)


def test_any_listed_operation_can_be_walked(fleets: Fleets) -> None:
    pages = list(fleets.walk(operation="get_bundles", arguments={"includeInactive": True}))
    assert {page.content["bundles"] is page.items for page in pages} == {True}
    assert len(pages) >= 4


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"operation": "get_instance"}, NotPageableError),
        ({"operation": "nope"}, UsageError),
        ({"fields": ["nope"]}, ParameterError),
        ({"concurrency": 0}, UsageError),
        ({"profiles": ["nope*"]}, ProfileNotFoundError),
    ],
)
def test_what_cannot_be_walked_is_refused_before_anything_is_sent(
    fleets: Fleets, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        fleets.walk(**options)
    assert fleets.limits.asked == 0


def test_a_loop_within_a_loop_is_refused(fleets: Fleets) -> None:
    walk = fleets.walk()
    pages = iter(walk)
    next(pages)
    with pytest.raises(UsageError, match="being walked"):
        next(iter(walk))
    pages.close()  # type: ignore[attr-defined]
    assert len(arns(walk)) == 28, "the page that was in hand comes again"


def test_most_items_are_cut_and_the_rest_comes_later(fleets: Fleets) -> None:
    walk = fleets.walk(max_items=8)
    first = arns(walk)
    rest = arns(fleets.walk(again=True, starting_token=walk.token))
    assert len(first) == 8
    assert sorted(first + rest) == sorted(fleets.arns)


def test_a_second_loop_brings_what_the_first_did_not(fleets: Fleets) -> None:
    walk = fleets.walk(max_items=11)
    found = arns(walk) + arns(walk) + arns(walk)
    assert sorted(found) == sorted(fleets.arns)
    assert list(walk) == []


# --- what is acknowledged -------------------------------------------------------------------------------------


def test_the_page_in_hand_comes_again_when_the_loop_is_broken_off(fleets: Fleets) -> None:
    walk, found = fleets.walk(), []
    for page in walk:
        found.append(page)
        if len(found) == 5:
            break
    again = list(fleets.walk(again=True, starting_token=walk.token))
    assert sorted(arns(found[:-1]) + arns(again)) == sorted(fleets.arns)
    assert fleets.walk(again=True, starting_token=walk.token).token == walk.token


def test_the_token_of_a_page_leaves_out_the_page(fleets: Fleets) -> None:
    found = []
    for page in fleets.walk():
        found.append(page)
        if len(found) == 5:
            break
    again = arns(fleets.walk(again=True, starting_token=found[-1].token))
    assert sorted(arns(found) + again) == sorted(fleets.arns)
    assert sorted(arns(found[:2]) + arns(fleets.walk(again=True, starting_token=found[1].token))) == sorted(fleets.arns)


def test_items_are_acknowledged_one_by_one(fleets: Fleets) -> None:
    walk = fleets.walk()
    found = [item["arn"] for item in islice(walk.items(), 11)]
    again = arns(fleets.walk(again=True, starting_token=walk.token))
    assert sorted(found[:-1] + again) == sorted(fleets.arns)
    assert walk.delivered_items == 10


def test_an_item_can_be_acknowledged_by_hand(fleets: Fleets) -> None:
    walk, found = fleets.walk(auto_acknowledge=False), []
    for item in walk.items():
        found.append(item["arn"])
        if len(found) == 11:
            walk.acknowledge()
            break
    assert sorted(found + arns(fleets.walk(again=True, starting_token=walk.token))) == sorted(fleets.arns)


def test_by_hand_nothing_counts_until_it_is_said(fleets: Fleets) -> None:
    walk = fleets.walk(auto_acknowledge=False)
    before = walk.token
    pages = iter(walk)
    for _ in range(4):
        next(pages)
    assert walk.token == before
    walk.acknowledge({"lines": 12})
    assert walk.note == {"lines": 12}
    assert len(arns(fleets.walk(again=True, starting_token=walk.token))) == 28 - walk.delivered_items


def test_a_note_needs_acknowledgement_by_hand(fleets: Fleets) -> None:
    with pytest.raises(UsageError, match="auto_acknowledge"):
        fleets.walk().acknowledge(note=1)


def test_a_finished_walk_has_no_token(fleets: Fleets) -> None:
    walk = fleets.walk()
    last = list(walk)[-1]
    assert walk.token is None
    assert last.token is None


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), share=st.sampled_from([0.0, 0.3]), by_item=st.booleans())
def test_broken_off_at_random_and_resumed_by_token_everything_comes_once(
    seed: int, share: float, by_item: bool
) -> None:
    dice = random.Random(seed)
    world = manual_world(seed=seed)
    limits = Limits(world.now, share=share, dice=dice)
    regions = dice.sample(REGIONS, dice.randint(1, 3))
    fleets = Fleets(world, accounts(dice.randint(1, 3)), regions, dice.randint(0, 9), dice.randint(1, 4), limits)
    found: list[str] = []
    token, begun = None, False
    while token is not None or not begun:
        walk = fleets.walk(again=begun, starting_token=token, concurrency=dice.randint(1, 6))
        begun = True
        if by_item:
            for item in walk.items():
                if dice.random() < 0.15:
                    break  # this one is not dealt with
                found.append(item["arn"])
        else:
            for page in walk:
                if dice.random() < 0.15:
                    break
                found += arns([page])
        token = walk.token
    assert sorted(found) == sorted(fleets.arns)
    fleets.close()


# --- failures -------------------------------------------------------------------------------------------------


def test_failures_are_collected_by_place_and_the_token_stands_for_them(fleets: Fleets) -> None:
    given = keys([A, B]) | {"bad": ("not a key!", "x")}
    walk = fleets.walk(keys=given, regions=["us-east-1", "mars-1"], profiles=["absent"])
    found = arns(walk)
    bad, absent = Login(key="bad"), Login(profile="absent")
    assert len(found) == 14
    assert walk.failures.keys() == {
        *(FleetPlace(login, region) for login in (bad, absent) for region in ("us-east-1", "mars-1")),
        *(FleetPlace(Login(key=account), "mars-1") for account in (A, B)),
    }
    assert isinstance(walk.failures[FleetPlace(absent, "us-east-1")], ProfileNotFoundError)
    assert isinstance(walk.failures[FleetPlace(bad, "us-east-1")], ServiceError)
    assert walk.progress.failed == 6

    mended = keys([A, B]) | {"bad": (B, "x")}
    again = fleets.walk(again=True, keys=mended, starting_token=walk.token)
    assert sorted(arns(again)) == sorted(arn for arn in fleets.arns if f"us-east-1:{B}" in arn)
    assert len(again.failures) == 5


def test_a_failure_is_raised_where_that_is_wished_and_the_walk_can_go_on(fleets: Fleets) -> None:
    walk = fleets.walk(regions=["us-east-1", "mars-1"], on_failure="raise")
    with pytest.raises(ServiceError) as caught:
        list(walk)
    assert any("mars-1" in note for note in caught.value.__notes__)
    assert walk.token is not None


def test_a_bug_is_not_a_failure_of_its_place(fleets: Fleets) -> None:
    def refuses(request: Any) -> None:
        raise ZeroDivisionError

    fleets.limits.refuses = refuses  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        list(fleets.walk())


def test_the_account_of_a_place_without_instances_is_asked_of_sts() -> None:
    fleets = Fleets(manual_world(), [A], ["us-east-1"], size=0, page_size=3)
    walk = fleets.walk()
    (page,) = walk
    assert page.account is None
    assert walk.account_of(page.place) == A
    unreachable = fleets.walk(keys={"bad": ("not a key!", "x")})
    assert unreachable.account_of(FleetPlace(Login(key="bad"), "us-east-1")) is None


# --- checkpoints ----------------------------------------------------------------------------------------------


def test_a_checkpoint_lets_a_walk_go_on(fleets: Fleets, tmp_path: Path) -> None:
    path, found = tmp_path / "walk.json", []
    with fleets.walk(checkpoint=path) as walk:
        for page in walk:
            if len(found) == 5:
                break
            found.append(page)
    assert json.loads(path.read_text())["pages"] == 5
    with fleets.walk(again=True, checkpoint=path) as walk:
        rest = arns(walk)
    assert sorted(arns(found) + rest) == sorted(fleets.arns)
    with fleets.walk(checkpoint=path) as walk:
        assert list(walk) == []
        assert walk.delivered_items == 28


def test_a_checkpoint_knows_the_items_of_a_page_that_was_broken_off(fleets: Fleets, tmp_path: Path) -> None:
    path = tmp_path / "walk.json"
    with fleets.walk(checkpoint=path) as walk:
        found = [item["arn"] for item in islice(walk.items(), 6)][:-1]
    with fleets.walk(again=True, checkpoint=path) as walk:
        assert sorted(found + [item["arn"] for item in walk.items()]) == sorted(fleets.arns)


def test_a_checkpoint_is_there_before_the_first_page(fleets: Fleets, tmp_path: Path) -> None:
    with fleets.walk(checkpoint=tmp_path / "walk.json"):
        assert json.loads((tmp_path / "walk.json").read_text())["logins"][0]["key"] == A


def test_two_walks_cannot_have_one_checkpoint(fleets: Fleets, tmp_path: Path) -> None:
    first = fleets.walk(checkpoint=tmp_path / "walk.json")
    with pytest.raises(CheckpointError, match="in use"):
        fleets.walk(checkpoint=tmp_path / "walk.json")
    first.close()
    fleets.walk(checkpoint=tmp_path / "walk.json").close()


@pytest.mark.parametrize(
    "options",
    [{"operation": "get_disks"}, {"regions": ["eu-west-1"]}, {"starting_token": True}, {"arguments": {"x": 1}}],
    ids=str,
)
def test_a_checkpoint_of_another_walk_is_refused_and_stays_free(
    fleets: Fleets, tmp_path: Path, options: dict[str, Any]
) -> None:
    path = tmp_path / "walk.json"
    with fleets.walk(checkpoint=path) as walk:
        token = walk.token
    if "starting_token" in options:
        options = {"starting_token": token}
    with pytest.raises(UsageError):
        fleets.walk(checkpoint=path, **options)
    fleets.walk(checkpoint=path).close()


def test_a_damaged_checkpoint_is_refused(fleets: Fleets, tmp_path: Path) -> None:
    (tmp_path / "walk.json").write_text('{"skysail_fleet": 1}')
    with pytest.raises(CheckpointError, match=r"walk\.json"):
        fleets.walk(checkpoint=tmp_path / "walk.json")


def test_places_that_are_new_are_walked_too(fleets: Fleets, tmp_path: Path) -> None:
    path = tmp_path / "walk.json"
    with fleets.walk(checkpoint=path, keys=keys([A])) as walk:
        found = arns(walk)
    with fleets.walk(checkpoint=path, keys=keys([A, B])) as walk:
        assert sorted(found + arns(walk)) == sorted(fleets.arns)


def test_secrets_stand_in_no_token_checkpoint_or_text(fleets: Fleets, tmp_path: Path) -> None:
    walk = fleets.walk(keys={"mine": (A, "s3cr3t", "t0ken")}, checkpoint=tmp_path / "walk.json")
    (part,) = walk.partitions(1)
    texts = [str(walk.token), (tmp_path / "walk.json").read_text(), repr(walk), repr(part)]
    assert not [text for text in texts if "s3cr3t" in text or "t0ken" in text]


# --- lines ----------------------------------------------------------------------------------------------------


def test_lines_are_written_once_whatever_was_left_half_written(fleets: Fleets, tmp_path: Path) -> None:
    path, lines = tmp_path / "walk.json", tmp_path / "fleet.jsonl"
    with fleets.walk(checkpoint=path, max_items=9) as walk:
        length = walk.write_lines(lines)
    assert length == lines.stat().st_size
    with lines.open("ab") as file:  # what a killed process had written and not acknowledged
        file.write(lines.read_bytes()[:100])
    with fleets.walk(again=True, checkpoint=path) as walk:
        walk.write_lines(lines)
    assert sorted(arns_in(lines)) == sorted(fleets.arns)


def test_lines_before_the_walk_stay(fleets: Fleets, tmp_path: Path) -> None:
    lines = tmp_path / "fleet.jsonl"
    lines.write_text('{"arn": "before"}\n')
    with fleets.walk(checkpoint=tmp_path / "walk.json") as walk:
        walk.write_lines(lines)
    assert arns_in(lines)[0] == "before"
    assert len(arns_in(lines)) == 29


def test_a_file_that_is_shorter_than_the_checkpoint_says_is_refused(fleets: Fleets, tmp_path: Path) -> None:
    path, lines = tmp_path / "walk.json", tmp_path / "fleet.jsonl"
    with fleets.walk(checkpoint=path, max_items=9) as walk:
        walk.write_lines(lines)
    lines.unlink()
    with fleets.walk(again=True, checkpoint=path) as walk, pytest.raises(UsageError, match="the file it wrote to"):
        walk.write_lines(lines)


# --- asynchronously -------------------------------------------------------------------------------------------


def test_tasks_walk_it_as_threads_do(fleets: Fleets, tmp_path: Path) -> None:
    async def walked() -> tuple[list[Any], list[Any], str | None]:
        pages = [page async for page in fleets.walk()]
        with fleets.walk(checkpoint=tmp_path / "walk.json", max_items=10) as walk:
            items = [item async for item in walk.items()]
            items += [item async for item in walk.items()]
            items += [item async for item in walk.items()]
            return pages, items, walk.token

    pages, items, token = asyncio.run(walked())
    assert sorted(arns(pages)) == sorted(fleets.arns)
    assert sorted(item["arn"] for item in items) == sorted(fleets.arns)
    assert token is None


def test_tasks_collect_failures_and_resume(fleets: Fleets) -> None:
    fleets.limits.share = 0.5

    async def walked() -> None:
        walk = fleets.walk(regions=["us-east-1", "eu-west-1", "mars-1"])
        found = []
        async for page in walk:
            if len(found) == 3:
                break
            found.append(page)
        again = fleets.walk(again=True, starting_token=walk.token)
        found += [page async for page in again]
        more = fleets.walk(again=True, starting_token=again.token)
        while again.token is not None and len(more.failures) != 2:
            again, more = more, fleets.walk(again=True, starting_token=more.token)
            found += [page async for page in again]
            more = again
        assert sorted(arns(found)) == sorted(fleets.arns)

    asyncio.run(walked())


# --- parts ----------------------------------------------------------------------------------------------------


def part_of(fleet: Fleet, most: int) -> list[FleetPart]:
    """Parts as another process gets them."""
    return [pickle.loads(pickle.dumps(part)) for part in fleet.partitions(most)]


def test_parts_are_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    url = f"local:{path}"
    regions = ["us-east-1", "eu-west-1", "us-west-2"]
    for account in (A, B):
        for region in regions:
            client = skysail.client(
                region_name=region, endpoint_url=url, aws_access_key_id=account, aws_secret_access_key="x"
            )
            client.create_instances(
                instanceNames=["one", "two"],
                availabilityZone=f"{region}a",
                blueprintId="debian_12",
                bundleId="nano_3_0",
            )
    walk = skysail.fleet(keys=keys([A, B]), regions=regions, endpoint_url=url)
    parts = part_of(walk, 4)
    assert [part.name for part in parts] == [f"part-000{n}-of-0004" for n in (1, 2, 3, 4)]
    found = sorted(arn for part in parts for arn in arns(part.walk()))
    assert found == sorted(arns(walk))
    assert len(found) == 12


def test_parts_keep_the_places_of_a_login_together(fleets: Fleets) -> None:
    parts = fleets.walk().partitions(2)
    assert [{place.login.key for place in part.places} for part in parts] == [{A}, {B}]


def test_there_are_no_more_parts_than_places(fleets: Fleets) -> None:
    assert len(fleets.walk().partitions(100)) == 4
    walk = fleets.walk()
    list(walk)
    assert walk.partitions(3) == []


def test_parts_are_what_is_missing(fleets: Fleets) -> None:
    walk = fleets.walk(max_items=13)
    found = arns(walk)
    for part in walk.partitions(3):
        found += arns(part.walk(world=fleets.world))
    assert sorted(found) == sorted(fleets.arns)


def test_a_part_goes_on_from_its_own_checkpoint(fleets: Fleets, tmp_path: Path) -> None:
    parts = fleets.walk().partitions(2, checkpoints=tmp_path)
    found = []
    for part in parts:
        for page in part.walk(world=fleets.world):
            if random.random() < 0.5:
                break
            found.append(page)
        with part.walk(world=fleets.world) as again:
            found += list(again)
    assert sorted(arns(found)) == sorted(fleets.arns)


# --- the whole size -------------------------------------------------------------------------------------------


def test_fifteen_regions_of_twenty_accounts_on_a_throttling_service(tmp_path: Path) -> None:
    """3,000 pages, killed at random moments: what is on disk then is all that the next walk has."""
    world = manual_world()
    limits = Limits(world.now, rate=20, burst=10, share=0.02)
    fleets = Fleets(world, accounts(20), REGIONS, size=20, page_size=2, limits=limits)
    dice = random.Random(11)
    path, found = tmp_path / "walk.json", []
    kept: list[str] = []
    while True:
        walk = fleets.walk(again=path.exists(), checkpoint=path, auto_acknowledge=False)
        del found[walk.note or 0 :]
        for number, page in enumerate(walk, 1):
            found += arns([page])
            if number % 100 == 0:
                walk.acknowledge(len(found))
            if dice.random() < 0.0012:
                kept.append(str(walk.token))
                break
        else:
            walk.acknowledge(len(found))
            break
        walk.close()
    assert walk.token is None
    assert walk.failures == {}
    assert len(kept) >= 1
    assert len(found) == len(fleets.arns) == 6000
    assert set(found) == fleets.arns
    assert limits.refused > 20  # how many depends on how the threads fall
    fleets.close()
