"""What every store must do, run against each of them; a new engine joins by a row in `ENGINES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postgres_server import shared, with_postgres
from skysail.service import inhabited
from skysail.store.base import Conflict, Due, NameTaken, Place, Position, Record, Row, Store
from skysail.store.postgres import PostgresStore
from skysail.store.sqlite import SqliteStore

ENGINES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: SqliteStore(),
    "file": lambda folder: SqliteStore(folder / "fleet.db"),
    "PostgreSQL": lambda folder: PostgresStore(shared().database()),
    "PostgreSQL with another order of text": lambda folder: PostgresStore(
        shared().database("LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    ),
}
MARKED = [pytest.param(engine, marks=with_postgres if engine.startswith("PostgreSQL") else []) for engine in ENGINES]

HERE = Place("111122223333", "us-east-1")
ELSEWHERE = {
    "another region": Place("111122223333", "eu-west-1"),
    "another account": Place("444455556666", "us-east-1"),
}
BIGGEST = 2**63 - 1


@pytest.fixture(params=MARKED)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = ENGINES[request.param](tmp_path)
    yield store
    store.close()


def row(name: str, number: int = 1, place: Place = HERE, kind: str = "Instance", **others: str) -> Row:
    document = f'{{"name":"{name}"}}'.encode()
    return Row(place, kind, name, f"id of {name}", number, document, b'{"secret":1}', **others)


def due(at: float, resource_id: str, step: str = "instance.running", *operation_ids: str) -> Due:
    return Due(at, HERE, f"name of {resource_id}", resource_id, step, operation_ids)


def record(id: str, number: int = 1, name: str = "web", place: Place = HERE) -> Record:
    return Record(place, id, number, name, f'{{"id":"{id}"}}'.encode())


def insert(store: Store, *rows: Row) -> None:
    with store.begin(write=True) as transaction:
        transaction.insert(rows)


def get(store: Store, name: str, place: Place = HERE, name_space: str = "") -> Row | None:
    with store.begin(write=False) as transaction:
        return transaction.get(place, name, name_space)


def names(store: Store, after: Position | None = None, limit: int = 100, kind: str = "Instance") -> list[str]:
    with store.begin(write=False) as transaction:
        return [found.name for found in transaction.page(HERE, kind, after, limit)]


# --- rows -------------------------------------------------------------------------------------------------


def test_a_row_comes_back_as_it_was_put_in(store: Store) -> None:
    one = row("wéb-😀", BIGGEST, name_space="zone")
    insert(store, one)
    assert get(store, one.name, name_space="zone") == one


def test_documents_are_bytes_that_the_store_does_not_read(store: Store) -> None:
    one = replace(row("web"), document=b"\x00\xff", private=b"")
    insert(store, one)
    assert get(store, "web") == one


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_name_is_found_in_its_own_place_only(store: Store, place: Place) -> None:
    insert(store, row("web"))
    assert get(store, "web", place) is None
    insert(store, row("web", place=place))
    assert get(store, "web", place) == row("web", place=place)


def test_a_name_space_has_names_of_its_own(store: Store) -> None:
    insert(store, row("web"), row("web", name_space="certificates of lb"))
    assert get(store, "web", name_space="certificates of lb") == row("web", name_space="certificates of lb")
    assert get(store, "web", name_space="other") is None


def test_the_names_of_a_place_come_in_their_order_whatever_their_kind(store: Store) -> None:
    insert(
        store,
        *(row("b", 1), row("a", 2, kind="Disk"), row("c", 3), row("B", 4)),
        *(row("elsewhere", place=place) for place in ELSEWHERE.values()),
        row("alarm", kind="Alarm", name_space="Alarm"),
    )
    with store.begin(write=False) as transaction:
        assert transaction.names(HERE, "", 100) == ["B", "a", "b", "c"]
        assert transaction.names(HERE, "a", 1) == ["b"], "behind a name, so many"
        assert transaction.names(HERE, "aa", 100) == ["b", "c"], "the name itself may be gone"
        assert transaction.names(HERE, "c", 100) == []


def test_names_differ_by_case(store: Store) -> None:
    insert(store, row("web"), row("Web"))
    assert get(store, "WEB") is None


TAKEN = {
    "by the same kind": [row("web")],
    "by another kind": [row("web", kind="Disk")],
    "within one call": [row("new"), row("new", 2)],
    "by the last of several": [row("new"), row("web")],
}


@pytest.mark.parametrize("rows", TAKEN.values(), ids=TAKEN)
def test_a_taken_name_is_refused_and_nothing_of_the_call_stays(store: Store, rows: list[Row]) -> None:
    insert(store, row("web"))
    with pytest.raises((NameTaken, Conflict)), store.begin(write=True) as transaction:
        transaction.insert(rows)
    assert names(store) == ["web"]
    assert names(store, kind="Disk") == []


@pytest.mark.parametrize("rows", TAKEN.values(), ids=TAKEN)
def test_where_names_are_free_rows_are_added_and_the_others_are_given_back(store: Store, rows: list[Row]) -> None:
    insert(store, row("web"))
    many = [row(f"many-{number}", 1000 + number) for number in range(450)]
    offered = [*many[:200], *(replace(one, number=2000 + at) for at, one in enumerate(rows)), *many[200:]]
    with store.begin(write=True) as transaction:
        left = transaction.insert_free(offered)
        assert transaction.insert_free([]) == []
    added = [one for one in offered if one not in left]
    assert left, "web is taken, or a name comes twice"
    assert {one.name for one in left} & {one.name for one in [*added, row("web")]} == {one.name for one in left}
    assert [get(store, one.name, one.place, one.name_space) for one in added] == added
    assert get(store, "web") == row("web")


def test_update_changes_the_documents_of_one_row(store: Store) -> None:
    others = [row("other", 2), row("web", place=ELSEWHERE["another region"]), row("web", name_space="zone")]
    insert(store, row("web"), *others)
    changed = replace(row("web"), document=b"new", private=b"hidden")
    with store.begin(write=True) as transaction:
        transaction.update(changed)
    assert get(store, "web") == changed
    assert [get(store, one.name, one.place, one.name_space) for one in others] == others


def test_delete_removes_one_row_and_frees_its_name(store: Store) -> None:
    others = [row("other", 2), row("web", place=ELSEWHERE["another account"]), row("web", name_space="zone")]
    insert(store, row("web"), *others)
    with store.begin(write=True) as transaction:
        transaction.delete(row("web"))
    assert get(store, "web") is None
    assert [get(store, one.name, one.place, one.name_space) for one in others] == others
    insert(store, row("web", 3))
    assert get(store, "web") == row("web", 3)


# --- pages ------------------------------------------------------------------------------------------------


def test_a_page_is_newest_first_and_by_name_where_numbers_are_equal(store: Store) -> None:
    insert(store, row("b", 2), row("a", 3), row("z", 1), row("c", 2), row("x", 9, kind="Disk"))
    assert names(store) == ["a", "c", "b", "z"]


def test_a_page_goes_on_behind_a_position_that_need_not_exist_any_more(store: Store) -> None:
    insert(store, row("b", 2), row("a", 3), row("z", 1), row("c", 2))
    assert names(store, Position(2, "c")) == ["b", "z"]
    assert names(store, Position(2, "bb")) == ["b", "z"]
    assert names(store, Position(2, "")) == ["z"]
    assert names(store, Position(1, "z")) == []
    assert names(store, Position(BIGGEST, "a"), limit=1) == ["a"]


def test_the_biggest_number_and_the_last_of_names_are_on_the_first_page(store: Store) -> None:
    insert(store, row("z" * 255, BIGGEST), row("\U0010fffd", BIGGEST - 1))
    assert names(store) == ["z" * 255, "\U0010fffd"]


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.text("abAB-é😀", min_size=1, max_size=3)), unique_by=lambda r: r[1]),
    limit=st.integers(1, 7),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("engine", ENGINES)
def test_pages_of_any_size_joined_are_the_whole_listing(
    engine: str, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str]], limit: int
) -> None:
    store = _emptied(engine, tmp_path_factory)
    insert(store, *[row(name, number) for number, name in rows])
    joined: list[str] = []
    after = None
    with store.begin(write=False) as transaction:
        while page := transaction.page(HERE, "Instance", after, limit):
            assert len(page) <= limit
            joined += [found.name for found in page]
            after = page[-1].position
    assert joined == [name for _, name in sorted(rows, key=lambda r: (r[0], r[1].encode()), reverse=True)]


_STORES: dict[str, Store] = {}


def _emptied(engine: str, folders: pytest.TempPathFactory) -> Store:
    """One store an engine for all examples of a property: making a file costs more than an example."""
    if engine not in _STORES:
        _STORES[engine] = ENGINES[engine](folders.mktemp("store"))
    store = _STORES[engine]
    with store.begin(write=True) as transaction:
        for found in transaction.page(HERE, "Instance", None, 1000):
            transaction.delete(found)
    return store


def test_the_last_number_is_that_of_one_listing(store: Store) -> None:
    insert(store, row("a", 5), row("b", 7), row("c", 8, ELSEWHERE["another region"]), row("d", 9, kind="Disk"))
    with store.begin(write=False) as transaction:
        assert transaction.last_number(HERE, "Instance") == 7
        assert transaction.last_number(HERE, "KeyPair") == 0


def test_rows_are_counted_in_a_place_in_each_place_and_in_all(store: Store) -> None:
    other = ELSEWHERE["another account"]
    insert(store, row("a"), row("b"), row("c", place=other), row("d", kind="Disk"))
    with store.begin(write=False) as transaction:
        assert transaction.count(HERE, "Instance", 9) == 2
        assert transaction.count(HERE, "Instance", 1) == 1
        assert sum(transaction.places("Instance", 9).values()) == 3
        assert sum(transaction.places("Instance", 2).values()) == 2
        assert transaction.count(HERE, "KeyPair", 9) == 0
        assert transaction.places("Instance") == {HERE: 2, other: 1}
        assert transaction.places("KeyPair") == {}


# --- changes that are due ---------------------------------------------------------------------------------


def test_changes_are_taken_in_order_of_time_then_id_and_once(store: Store) -> None:
    changes = [due(3.0, "a"), due(1.5, "c"), due(1.5, "b"), due(1.5, "b", "instance.stopped"), due(9.0, "d")]
    with store.begin(write=True) as transaction:
        transaction.schedule(changes)
        assert transaction.next_due() == 1.5
    with store.begin(write=True) as transaction:
        assert transaction.take_due(3.0, 2) == [due(1.5, "b"), due(1.5, "b", "instance.stopped")]
        assert transaction.take_due(3.0, 100) == [due(1.5, "c"), due(3.0, "a")]
        assert transaction.take_due(8.99, 100) == []
        assert transaction.next_due() == 9.0
        assert transaction.take_due(9.0, 100) == [due(9.0, "d")]
        assert transaction.next_due() is None


def test_a_change_comes_back_as_it_was_put_in(store: Store) -> None:
    one = Due(1_700_000_000.123456, HERE, "wéb", "id", "instance.running", ("op", "another"), name_space="zone")
    with store.begin(write=True) as transaction:
        transaction.schedule([one])
    with store.begin(write=True) as transaction:
        assert transaction.take_due(one.at, 1) == [one]


def test_the_changes_of_one_step_can_be_taken_back_alone(store: Store) -> None:
    with store.begin(write=True) as transaction:
        transaction.schedule([due(1.0, "a"), due(2.0, "a", "instance.stopped"), due(1.0, "b", "instance.stopped")])
        assert transaction.unschedule("a", "instance.stopped") == [due(2.0, "a", "instance.stopped")]
        assert transaction.take_due(9.0, 100) == [due(1.0, "a"), due(1.0, "b", "instance.stopped")]


def test_unscheduling_gives_back_a_resources_own_changes(store: Store) -> None:
    with store.begin(write=True) as transaction:
        transaction.schedule([due(1.0, "a"), due(2.0, "a", "instance.stopped"), due(1.0, "b")])
        taken_back = transaction.unschedule("a")
        assert taken_back == [due(1.0, "a"), due(2.0, "a", "instance.stopped")]
        assert transaction.unschedule("a") == []
        assert transaction.take_due(9.0, 100) == [due(1.0, "b")]


# --- the journal ------------------------------------------------------------------------------------------


def records(store: Store, name: str | None = None, after: Position | None = None, limit: int = 100) -> list[str]:
    with store.begin(write=False) as transaction:
        return [entry.id for entry in transaction.records(HERE, name, after, limit)]


@pytest.fixture
def journal(store: Store) -> Store:
    elsewhere = record("e1", 9, place=ELSEWHERE["another region"])
    entries = [record("r1", 1), record("r2", 2, "db"), record("r4", 3), record("r3", 3), elsewhere]
    with store.begin(write=True) as transaction:
        transaction.add_records(entries)
    return store


def test_the_journal_is_newest_first_of_all_names_or_of_one(journal: Store) -> None:
    assert records(journal) == ["r4", "r3", "r2", "r1"]
    assert records(journal, "web") == ["r4", "r3", "r1"]
    assert records(journal, "nobody") == []


def test_the_journal_goes_on_behind_a_position(journal: Store) -> None:
    assert records(journal, limit=2) == ["r4", "r3"]
    assert records(journal, after=Position(3, "r3"), limit=1) == ["r2"]
    assert records(journal, "web", Position(3, "r3")) == ["r1"]
    assert records(journal, after=Position(1, "r1")) == []


def test_a_record_is_found_by_its_id_in_its_place_and_can_be_changed(journal: Store) -> None:
    changed = replace(record("r2", 2, "db"), document=b"new")
    with journal.begin(write=True) as transaction:
        assert transaction.record(HERE, "r2") == record("r2", 2, "db")
        assert transaction.record(HERE, "e1") is None
        transaction.update_record(changed)
    with journal.begin(write=False) as transaction:
        assert transaction.record(HERE, "r2") == changed
        assert transaction.record(HERE, "r1") == record("r1", 1)


def test_the_last_record_number_is_that_of_the_place(journal: Store) -> None:
    with journal.begin(write=False) as transaction:
        assert transaction.last_record_number(HERE) == 3
        assert transaction.last_record_number(ELSEWHERE["another account"]) == 0


# --- transactions -----------------------------------------------------------------------------------------


class Broken(Exception):
    """What a handler might raise."""


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    insert(store, row("kept"))
    with pytest.raises(Broken), store.begin(write=True) as transaction:
        transaction.insert([row("new", 2)])
        transaction.update(replace(row("kept"), document=b"changed"))
        transaction.add_records([record("r1")])
        transaction.schedule([due(1.0, "a")])
        raise Broken
    with store.begin(write=True) as transaction:
        assert transaction.get(HERE, "new") is None
        assert transaction.get(HERE, "kept") == row("kept")
        assert transaction.records(HERE, None, None, 100) == []
        assert transaction.next_due() is None


def test_a_store_goes_on_after_a_block_that_raised(store: Store) -> None:
    for write in (True, False):
        with pytest.raises(Broken), store.begin(write=write):
            raise Broken
    insert(store, row("web"))
    assert names(store) == ["web"]


def test_what_a_transaction_wrote_it_reads(store: Store) -> None:
    with store.begin(write=True) as transaction:
        transaction.insert([row("web")])
        assert transaction.get(HERE, "web") == row("web")


def test_the_key_for_page_tokens_is_long_enough_and_another_one_in_each_store(store: Store) -> None:
    assert len(store.token_key) >= 16
    other = SqliteStore()
    assert other.token_key != store.token_key
    other.close()


def test_a_store_says_what_it_is(store: Store) -> None:
    assert store.description


# --- settings ---------------------------------------------------------------------------------------------


def test_a_setting_is_kept_replaced_and_forgotten(store: Store) -> None:
    for value in (b"\x00\xff", b"", None, None, b"again"):
        with store.begin(write=True) as transaction:
            transaction.set_setting("clock", value)
        with store.begin(write=False) as transaction:
            assert transaction.setting("clock") == value
            assert transaction.setting("faults") is None


# --- several transactions, one flush ----------------------------------------------------------------------


def test_transactions_that_end_together_are_still_each_of_its_own(store: Store) -> None:
    with store.together():
        insert(store, row("first"))
        with pytest.raises(ZeroDivisionError), store.begin(write=True) as transaction:
            transaction.insert([row("second", 2)])
            1 / 0
        insert(store, row("third", 3))
        assert names(store) == ["third", "first"]
    assert names(store) == ["third", "first"]


def test_what_ends_together_is_undone_together(store: Store) -> None:
    if not store.is_embedded:
        pytest.skip("each transaction is flushed by the database")

    def fail() -> None:
        with store.together():
            insert(store, row("first"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(store) == []
    insert(store, row("first"))
    assert names(store) == ["first"]


def test_places_are_found_by_leaps(store: Store) -> None:
    places = [Place(account, region) for account in ("111122223333", "4", "zü") for region in ("a-1", "us-east-1")]
    for number, place in enumerate(places):
        insert(
            store,
            *(row(name, number, place, name_space=space) for name in ("a", "wéb-😀", "~") for space in ("", "zone")),
        )
    with store.begin(write=False) as transaction:
        assert list(inhabited.accounts(transaction)) == ["111122223333", "4", "zü"]
        assert list(inhabited.regions(transaction, "4")) == ["a-1", "us-east-1"]
        assert list(inhabited.regions(transaction, "5")) == []
