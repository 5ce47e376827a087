"""A walk as a flow: driven by hand, against listings of any shape, with calls that end in any order or way."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skysail.caller.fleet.ledger import Ledger
from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.token import FleetState
from skysail.caller.fleet.walk import Await, Call, Flow, Give, Outcome, Rest, Rules, Walk
from skysail.errors import AccessDeniedException, ConnectError, ServiceError
from skysail.protocol.model import service_model

GET_INSTANCES = service_model().operation("GetInstances")
START = 1000.0

Listing = list[list[str]]  # pages of items


@dataclass
class Service:
    """Listings by place; a call of one ends as `fate` says."""

    listings: dict[FleetPlace, Listing]
    now: Callable[[], float]
    fate: Callable[[FleetPlace], Exception | None] = lambda place: None
    calls: list[Call] = field(default_factory=list)

    def outcome(self, ask: Call, began: float) -> Outcome:
        self.calls.append(ask)
        error = self.fate(ask.place)
        if error is not None:
            return Outcome(ask.place, began, error=error, max_attempts=3)
        pages = self.listings[ask.place]
        number = int(ask.arguments.get("pageToken", "t0")[1:])
        listed = pages[number] if pages else []
        answer: dict[str, Any] = {"instances": [{"name": name, "arn": arn(ask.place, name)} for name in listed]}
        if number + 1 < len(pages):
            answer["nextPageToken"] = f"t{number + 1}"
        return Outcome(ask.place, began, answer=answer)


def arn(place: FleetPlace, name: str) -> str:
    return f"arn:aws:lightsail:{place.region}:{place.login.key}:Instance/{name}"


class Drive:
    """A driver that ends calls one at a time, in an order of its own; time goes on as the flow rests, and a little with
    each call."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self.time = START
        self.dice = dice or random.Random(1)
        self.rests: list[float] = []
        self.most_under_way = 0

    def now(self) -> float:
        return self.time

    def run(self, flow: Flow, service: Service, deliver: Callable[[FleetPage], None]) -> None:
        under_way: list[tuple[Call, float]] = []
        answer: list[Outcome] | None = None
        try:
            while True:
                ask = flow.send(answer)
                answer = None
                if isinstance(ask, Call):
                    assert ask.place not in [call.place for call, _ in under_way], "one call a place"
                    under_way.append((ask, self.time))
                    self.most_under_way = max(self.most_under_way, len(under_way))
                elif isinstance(ask, Await):
                    assert ask.seconds == 0 or under_way, "somebody must come"
                    answer = []
                    if under_way and (ask.seconds != 0 or self.dice.random() < 0.5):
                        self.time += 0.01
                        call, began = under_way.pop(self.dice.randrange(len(under_way)))
                        answer = [service.outcome(call, began)]
                elif isinstance(ask, Rest):
                    assert not under_way
                    self.rests.append(ask.seconds)
                    self.time += ask.seconds
                else:
                    deliver(ask.page)
        except StopIteration:
            pass


def place(login: str, region: str = "us-east-1") -> FleetPlace:
    return FleetPlace(Login(key=login), region)


def state_of(places: Any, **positions: Any) -> FleetState:
    return FleetState("GetInstances", {}, dict.fromkeys(places) | positions)


def names(pages: list[FleetPage]) -> list[tuple[FleetPlace, str]]:
    return [(page.place, item["name"]) for page in pages for item in page.items]


def everything(listings: dict[FleetPlace, Listing]) -> list[tuple[FleetPlace, str]]:
    return sorted(((place, name) for place in listings for page in listings[place] for name in page), key=str)


def walked(
    listings: dict[FleetPlace, Listing],
    rules: Rules | None = None,
    fate: Callable[[FleetPlace], Exception | None] = lambda place: None,
) -> tuple[list[FleetPage], Walk, Drive, Service]:
    drive = Drive()
    service = Service(listings, drive.now, fate)
    walk = Walk(GET_INSTANCES, state_of(listings), rules or Rules(), drive.now, lambda: 0.5)
    pages: list[FleetPage] = []
    drive.run(walk.flow(), service, pages.append)
    return pages, walk, drive, service


def throttling() -> ServiceError:
    return ServiceError.because("Rate exceeded", kind="ThrottlingException")


THREE = {place(login): [[f"{login}{n}a", f"{login}{n}b"] for n in range(3)] for login in "xyz"}


def test_every_page_of_every_place_comes_once() -> None:
    pages, walk, _, service = walked(THREE)
    assert sorted(names(pages), key=str) == everything(THREE)
    assert len(pages) == len(service.calls) == 9
    progress = walk.progress
    assert (progress.places, progress.done, progress.pages, progress.items) == (3, 3, 9, 18)


def test_the_pages_of_a_place_come_in_order() -> None:
    pages, *_ = walked(THREE)
    for one in THREE:
        assert [page.number for page in pages if page.place == one] == [1, 2, 3]


def test_nothing_is_asked_of_a_place_that_is_done() -> None:
    drive = Drive()
    service = Service(THREE, drive.now)
    state = FleetState("GetInstances", {}, {place("x"): "done", place("y"): {"pageToken": "t2"}, place("z"): None})
    pages: list[FleetPage] = []
    drive.run(Walk(GET_INSTANCES, state, Rules(), drive.now, lambda: 0.5).flow(), service, pages.append)
    assert {call.place for call in service.calls} == {place("y"), place("z")}
    assert [page.number for page in pages if page.place == place("y")] == [1]


def test_no_more_calls_are_under_way_than_allowed() -> None:
    many = {place(str(login)): [["a"], ["b"]] for login in range(40)}
    _, _, drive, _ = walked(many, Rules(concurrency=7))
    assert drive.most_under_way == 7


def test_pages_that_nobody_takes_hold_up_the_calls() -> None:
    many = {place(str(login)): [["a"]] * 4 for login in range(10)}
    drive = Drive()
    flow = Walk(GET_INSTANCES, state_of(many), Rules(concurrency=4), drive.now, lambda: 0.5).flow()
    service = Service(many, drive.now)
    begun: list[Call] = []
    ask = next(flow)
    while not isinstance(ask, Give):
        if isinstance(ask, Call):
            begun.append(ask)
            ask = next(flow)
        else:  # all at once
            ask = flow.send([service.outcome(call, START) for call in begun])
    assert len(begun) == 4


def test_the_account_is_known_from_an_instance_on() -> None:
    account = "111122223333"
    listings: dict[FleetPlace, Listing] = {
        place(account, "us-east-1"): [["a"]],
        place(account, "eu-west-1"): [],
        place("other", "eu-west-1"): [],
    }
    pages, walk, *_ = walked(listings, Rules(concurrency=1))
    assert {str(page.place): page.account for page in pages} == {
        f"{account}/us-east-1": account,
        f"{account}/eu-west-1": account,
        "other/eu-west-1": None,
    }
    assert walk.account(Login(key=account)) == account


def test_what_fails_in_one_place_ends_that_place_alone() -> None:
    denied = AccessDeniedException.because("no")
    pages, walk, *_ = walked(THREE, fate=lambda at: denied if at == place("y") else None)
    assert walk.failures == {place("y"): denied}
    assert denied.__notes__ == ["in y/us-east-1"]
    assert {page.place for page in pages} == {place("x"), place("z")}
    assert walk.progress.failed == 1


def test_the_first_failure_is_raised_where_that_is_wished() -> None:
    with pytest.raises(AccessDeniedException):
        walked(THREE, Rules(raises=True), lambda at: AccessDeniedException.because("no") if at == place("y") else None)


def test_what_may_help_is_tried_again_as_often_as_the_settings_say() -> None:
    tries: dict[FleetPlace, int] = {}

    def fate(at: FleetPlace) -> Exception | None:
        tries[at] = tries.get(at, 0) + 1
        lost = ConnectError(endpoint_url="https://x", error="refused")
        return lost if at == place("y") or (at == place("x") and tries[at] < 3) else None

    pages, walk, *_ = walked(THREE, fate=fate)
    assert tries[place("y")] == 3
    assert list(walk.failures) == [place("y")]
    assert len([page for page in pages if page.place == place("x")]) == 3


def test_too_fast_slows_the_account_down_and_fails_nothing() -> None:
    dice = random.Random(3)
    many = {place(login, region): [["a"]] * 5 for login in "xy" for region in ("r-1", "r-2", "r-3")}
    pages, walk, drive, _ = walked(many, fate=lambda at: throttling() if dice.random() < 0.5 else None)
    assert len(pages) == 30
    assert walk.failures == {}
    assert walk.progress.throttled > 10
    assert drive.rests


def test_an_account_that_is_refused_does_not_hold_up_the_others() -> None:
    many = {place(login): [["a"]] * 20 for login in "xy"}
    refused = [0]

    def fate(at: FleetPlace) -> Exception | None:
        refused[0] += at == place("x")
        return throttling() if at == place("x") and refused[0] < 8 else None

    pages, _, drive, _ = walked(many, fate=fate)
    last_of_y = max(number for number, page in enumerate(pages) if page.place == place("y"))
    assert last_of_y < 25
    assert sum(drive.rests) > 5


def test_a_place_that_is_refused_for_too_long_is_given_up() -> None:
    pages, walk, drive, _ = walked(THREE, Rules(patience_s=30), lambda at: throttling() if at == place("y") else None)
    assert len(pages) == 6
    failure = walk.failures[place("y")]
    assert isinstance(failure, ServiceError)
    assert failure.kind == "ThrottlingException"
    assert "reached max retries" in str(failure)
    assert 30 < drive.time - START < 60


def test_logins_of_one_account_share_its_pace() -> None:
    """Two logins, told to be one account by what they list: the second one is slowed by what the first one met."""
    one, two = place("one", "r-1"), place("two", "r-2")
    drive = Drive()
    walk = Walk(GET_INSTANCES, state_of([one, two]), Rules(), drive.now, lambda: 0.5)
    flow = walk.flow()
    begun = {ask.place: ask for ask in (next(flow), next(flow)) if isinstance(ask, Call)}
    item = {"name": "a", "arn": "arn:aws:lightsail:r-1:111122223333:Instance/a"}
    answer = {"instances": [item], "nextPageToken": "t1"}
    assert isinstance(next(flow), Await)
    drive.time += 1
    ask = flow.send([Outcome(at, START, answer=dict(answer)) for at in begun])
    again: list[Call] = []
    while not isinstance(ask, Give):
        assert isinstance(ask, Call)
        again.append(ask)
        ask = next(flow)
    assert {call.place for call in again} == {one, two}
    assert isinstance(next(flow), Await)
    drive.time += 1
    later = {**answer, "nextPageToken": "t2"}
    ask = flow.send([Outcome(one, START + 1, error=throttling()), Outcome(two, START + 1, answer=later)])
    while isinstance(ask, Give):
        ask = flow.send(None)
        assert isinstance(ask, Await)
        ask = flow.send([])
    assert walk.failures == {}
    assert isinstance(ask, Rest), "neither login may go on at once"


def test_a_walk_ends_at_its_most_items() -> None:
    drive = Drive()
    service = Service(THREE, drive.now)
    ledger = Ledger(state_of(THREE))
    walk = Walk(GET_INSTANCES, ledger.state, Rules(max_items=7), drive.now, lambda: 0.5)
    pages: list[FleetPage] = []

    def deliver(page: FleetPage) -> None:
        ledger.hand_out(page, len(page.items))
        pages.append(page)

    drive.run(walk.flow(), service, deliver)
    ledger.acknowledge()
    assert len(names(pages)) == 7
    rest: list[FleetPage] = []
    drive.run(Walk(GET_INSTANCES, ledger.state, Rules(), drive.now, lambda: 0.5).flow(), service, rest.append)
    assert sorted(names(pages + rest), key=str) == everything(THREE)


def test_a_listing_that_goes_in_circles_fails_its_place() -> None:
    drive = Drive()
    walk = Walk(GET_INSTANCES, state_of([place("x")]), Rules(), drive.now, lambda: 0.5)

    class Circle(Service):
        def outcome(self, ask: Call, began: float) -> Outcome:
            return Outcome(ask.place, began, answer={"instances": [], "nextPageToken": "t1"})

    pages: list[FleetPage] = []
    drive.run(walk.flow(), Circle({}, drive.now), pages.append)
    assert len(pages) == 2
    assert "same next token" in str(walk.failures[place("x")])


SHAPES = st.dictionaries(
    st.builds(place, st.sampled_from("abc"), st.sampled_from(["r-1", "r-2", "r-3"])),
    st.lists(st.integers(0, 4), max_size=4),
    min_size=1,
    max_size=6,
)


class Killed(Exception):
    """The process is gone: nothing of it is left but what is on disk."""


@settings(max_examples=300)
@given(shapes=SHAPES, seed=st.integers(0, 2**32), by_item=st.booleans(), most=st.none() | st.integers(1, 12))
def test_whatever_fails_and_whenever_it_is_killed_everything_is_delivered_once(
    shapes: dict[FleetPlace, list[int]], seed: int, by_item: bool, most: int | None
) -> None:
    dice = random.Random(seed)
    listings = {
        at: [[f"{at}-{number}-{n}" for n in range(size)] for number, size in enumerate(sizes)]
        for at, sizes in shapes.items()
    }
    trouble = {"share": 0.4}

    def fate(at: FleetPlace) -> Exception | None:
        if dice.random() >= trouble["share"]:
            return None
        return dice.choice(
            [throttling(), ConnectError(endpoint_url="u", error="e"), AccessDeniedException.because("no")]
        )

    # What is on disk: the output, and the state with the length that the output had then.
    output: list[tuple[FleetPlace, str]] = []
    disk = json.dumps([state_of(listings).document(), 0])
    for run in range(60):
        document, length = json.loads(disk)
        state = FleetState.of_document(document, "disk")
        if state.is_done:
            break
        trouble["share"] = 0.4 if run < 40 else 0.0
        del output[length:]
        ledger = Ledger(state)
        drive = Drive(dice)
        rules = Rules(concurrency=dice.randint(1, 5), patience_s=20, max_items=most)
        walk = Walk(GET_INSTANCES, state, rules, drive.now, dice.random)
        kill_share = dice.choice([0.0, 0.1, 0.5]) if run < 40 else 0.0

        def acknowledge(ledger: Ledger = ledger) -> None:
            nonlocal disk
            ledger.acknowledge()
            disk = json.dumps([ledger.state.document(), len(output)])

        def deliver(
            page: FleetPage,
            ledger: Ledger = ledger,
            acknowledge: Callable[[], None] = acknowledge,
            share: float = kill_share,
        ) -> None:
            ledger.hand_out(page, 0 if by_item else len(page.items))
            for item in page.items:
                if by_item:
                    ledger.give_item()
                output.append((page.place, item["name"]))
                if dice.random() < share:
                    raise Killed
                if by_item and dice.random() < 0.3:
                    acknowledge()
            if dice.random() < 0.5:
                acknowledge()

        try:
            drive.run(walk.flow(), Service(listings, drive.now, fate), deliver)
            acknowledge()
            assert (
                set(walk.failures) == {at for at, where in ledger.state.positions.items() if where != "done"}
                or most is not None
            )
        except Killed:
            pass
    assert sorted(output, key=str) == everything(listings)
