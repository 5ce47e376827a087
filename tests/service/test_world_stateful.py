"""Random lives of the instance's whole world: in a file, in memory, and on a database that several services share."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bench import Bench
from noun_calls import BEGINNING_WITH_OTHERS, calls_of_all
from postgres_server import needs_postgres, shared, with_postgres
from skysail.store.base import Store
from skysail.store.postgres import PostgresStore
from skysail.store.sqlite import SqliteStore
from world_life import WithOtherNouns, World


class OnDatabase(World):
    """One service on a PostgreSQL, or several: any of them answers."""

    replicas = 1
    url = ""

    def opened(self, seed: int = 0) -> list[Bench]:
        self.url = self.url or shared().database()
        seeds = [seed * self.replicas + replica for replica in range(self.replicas)]
        return [Bench(PostgresStore(self.url, connections=2), clock=self.clock, seed=own) for own in seeds]


class OfReplicas(OnDatabase):
    replicas = 3


class TestWorld(World.TestCase):
    settings = settings(max_examples=30, stateful_step_count=30)


class TestWorldWithOtherNouns(WithOtherNouns.TestCase):
    settings = settings(max_examples=12, stateful_step_count=20)


class TestWorldOnDatabase(OnDatabase.TestCase):
    pytestmark = with_postgres
    settings = settings(max_examples=3, stateful_step_count=15)


class TestWorldOfReplicas(OfReplicas.TestCase):
    pytestmark = with_postgres
    settings = settings(max_examples=6, stateful_step_count=15)


Asked = list[tuple[tuple[str, dict[str, Any]], float]]
asked = st.lists(st.tuples(calls_of_all(), st.sampled_from([0.0, 1.0, 5.0, 90_000.0])), min_size=10, max_size=40)


def life(store: Store, drawn: Asked) -> list[bytes]:
    """What is answered to the same requests at the same times."""
    bench = Bench(store)
    answers = []
    for (operation, arguments), seconds in [*((call, 30.0) for call in BEGINNING_WITH_OTHERS), *drawn]:
        answers += [bench.send(arguments, operation), bench.send({}, "GetInstances")]
        answers += [bench.send({}, "GetContainerServices"), bench.send({}, "GetLoadBalancers")]
        bench.clock.advance(seconds)
    bench.close()
    return [answer.body for answer in answers]


@settings(max_examples=15)
@given(asked)
def test_the_same_requests_at_the_same_times_give_the_same_bytes_twice_in_memory_and_in_a_file(drawn: Asked) -> None:
    in_memory, again = (life(SqliteStore(token_key=b"k" * 32), drawn) for _ in range(2))
    assert in_memory == again
    with TemporaryDirectory() as folder:
        assert life(SqliteStore(Path(folder) / "fleet.db", token_key=b"k" * 32), drawn) == in_memory


@needs_postgres
@settings(max_examples=3)
@given(asked)
def test_a_database_gives_the_same_bytes_as_a_store_in_memory(drawn: Asked) -> None:
    in_memory = life(SqliteStore(token_key=b"k" * 32), drawn)
    assert life(PostgresStore(shared().database(), token_key=b"k" * 32), drawn) == in_memory
