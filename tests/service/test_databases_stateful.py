"""Databases through whatever befalls them: what was once told of a time stays true, and the store is whole."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bench import START, Bench
from databases import DAY, HOUR, create, database, faults
from skysail.errors import InvalidInputException, NotFoundException

OF = {"relationalDatabaseName": "db"}
STATES = {
    *("creating", "available", "backing-up", "modifying", "upgrading", "rebooting", "stopping", "stopped", "starting"),
    "deleting",
}
CALLS: dict[str, list[dict[str, Any]]] = {
    "start_relational_database": [{}],
    "stop_relational_database": [{}, {"relationalDatabaseSnapshotName": "before-stop"}],
    "reboot_relational_database": [{}],
    "create_relational_database_snapshot": [{"relationalDatabaseSnapshotName": f"shot-{n}"} for n in range(3)],
    "update_relational_database": [
        {"disableBackupRetention": True},
        {"enableBackupRetention": True, "applyImmediately": True},
        {"disableBackupRetention": True, "applyImmediately": True},
        {"preferredBackupWindow": "12:00-12:30"},
        {"preferredMaintenanceWindow": "thu:15:00-thu:15:30"},
        {"rotateMasterUserPassword": True},
        {"relationalDatabaseBlueprintId": "mysql_8_4"},
    ],
    "update_relational_database_parameters": [
        {"parameters": [{"parameterName": "back_log", "parameterValue": "100"}]},
        {"parameters": [{"parameterName": "max_connections", "parameterValue": "9", "applyMethod": "immediate"}]},
    ],
    "delete_relational_database": [{"skipFinalSnapshot": True}],
}
_CALL = st.sampled_from([(name, more) for name, every in CALLS.items() for more in every])
_LIFE = st.lists(st.tuples(_CALL, st.sampled_from([1, 60, HOUR, DAY, 8 * DAY])), max_size=12)


class Told:
    """What was told of a database so far, by time: nothing of it may change any more."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._events: list[tuple[float, str]] = []
        self._lines: list[tuple[float, str]] = []
        self._points: dict[float, float] = {}
        self._until = bench.clock.now()

    def look(self) -> None:
        client, now = self._bench.client, self._bench.clock.now()
        pages = client.get_paginator("get_relational_database_events").paginate(**OF, durationInMinutes=20_160)
        events = [
            (event["createdAt"].timestamp(), event["message"])
            for page in pages
            for event in page["relationalDatabaseEvents"]
        ]
        lines, token = [], {}
        while True:
            page = client.get_relational_database_log_events(**OF, logStreamName="error", startFromHead=True, **token)
            if not page["resourceLogEvents"]:
                break
            lines += [(line["createdAt"].timestamp(), line["message"]) for line in page["resourceLogEvents"]]
            token = {"pageToken": page["nextForwardToken"]}
        kept = now - 14 * DAY
        for found, before, whole in ((events, self._events, 0), (lines, self._lines, 1)):  # lines: of whole seconds
            assert found == sorted(found, key=lambda one: one[0])
            old = [one for one in before if one[0] >= kept]
            assert [one for one in found if one[0] + whole <= self._until] == old
        asked = {"startTime": START // HOUR * HOUR, "endTime": now, "period": DAY, "unit": "Percent"}
        answer = client.get_relational_database_metric_data(
            **OF, metricName="CPUUtilization", statistics=["Sum"], **asked
        )
        points = {point["timestamp"].timestamp(): point["sum"] for point in answer["metricData"]}
        assert {at: value for at, value in points.items() if at + DAY <= self._until} == {
            at: value for at, value in self._points.items() if at + DAY <= self._until
        }
        self._points = points
        self._events, self._lines, self._until = events, lines, now


@settings(max_examples=30)
@given(_LIFE)
def test_what_was_told_stays_true_whatever_is_done(life: list[tuple[tuple[str, dict[str, Any]], float]]) -> None:
    bench = Bench()
    create(bench)
    told = Told(bench)
    try:
        for (name, more), seconds in life:
            bench.clock.advance(seconds)
            with suppress(InvalidInputException, NotFoundException):
                getattr(bench.client, name)(**OF, **more)
            assert faults(bench) == []
            try:
                found = database(bench)
            except NotFoundException:
                break
            assert found["state"] in STATES
            latest = found.get("latestRestorableTime")
            assert latest is None or latest.timestamp() <= bench.clock.now()
            told.look()
        bench.clock.advance(30 * DAY)
        assert all(entry["isTerminal"] for entry in bench.operations())
        assert faults(bench) == []
    finally:
        bench.close()
