"""What databases say of themselves: events, log streams, and their lines, forwards and backwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.nouns import database_log, databases
from skysail.service.nouns.database_log import Line
from skysail.service.refusals import invalid
from skysail.service.times import asked
from skysail.store.base import Position

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetRelationalDatabaseEventsRequestTypeDef,
        GetRelationalDatabaseLogEventsRequestTypeDef,
        GetRelationalDatabaseLogStreamsRequestTypeDef,
    )

EVENTS_PAGE_SIZE = LINES_PAGE_SIZE = 100
"""Inferred from RDS's."""
USUAL_MIN, LONGEST_MIN = 60, 20_160
"""How far back events are told (both: model)."""
_FORWARD, _BACKWARD = "f", "b"
_NEVER = float("inf")

family = Family("relational_database_logs")


@family.reads("GetRelationalDatabaseEvents")
def get_relational_database_events(context: Context, request: GetRelationalDatabaseEventsRequestTypeDef) -> Answer:
    """One page of what happened to a database in the last minutes, oldest first.

    Raises NotFoundException. Raises InvalidInputException: there are no so many minutes.
    """
    found = databases.database(context, request["relationalDatabaseName"])
    minutes = request.get("durationInMinutes", USUAL_MIN)
    if not 1 <= minutes <= LONGEST_MIN:
        raise invalid(f"The duration must be between 1 and {LONGEST_MIN} minutes: {minutes}")
    events = database_log.events(found, context.now - minutes * 60, context.now)
    places: dict[int, int] = {}
    placed: list[tuple[Position, dict[str, Any]]] = []
    for event in events:  # of several at one time, each has its place
        number = int(event["createdAt"] * 1000)
        places[number] = places.get(number, -1) + 1
        placed.append((Position(number, f"{places[number]:03d}"), event))

    def fetch(after: Position | None, limit: int) -> list[tuple[Position, dict[str, Any]]]:
        return [one for one in placed if after is None or one[0] > after][:limit]

    return context.paged(
        "relationalDatabaseEvents", request, fetch, EVENTS_PAGE_SIZE, lambda one: one[0], lambda one: one[1]
    )


@family.reads("GetRelationalDatabaseLogStreams")
def get_relational_database_log_streams(
    context: Context, request: GetRelationalDatabaseLogStreamsRequestTypeDef
) -> Answer:
    """The names of a database's log streams. Raises NotFoundException."""
    return {"logStreams": database_log.streams(databases.database(context, request["relationalDatabaseName"]))}


@family.reads("GetRelationalDatabaseLogEvents", is_slow=True)
def get_relational_database_log_events(
    context: Context, request: GetRelationalDatabaseLogEventsRequestTypeDef
) -> Answer:
    """One page of a log stream's lines, oldest first, and tokens for the lines behind it and before it.

    Without a token it is the last page, or the first one with `startFromHead`. A token that comes back as it was given
    says that there is no more that way, yet (as of CloudWatch's logs; inferred). Raises NotFoundException: no such
    database or stream. Raises InvalidInputException: a time, the token or `startFromHead` does not fit.
    """
    found, stream = databases.database(context, request["relationalDatabaseName"]), request["logStreamName"]
    if stream not in database_log.streams(found):
        raise NotFoundException.because(f"The log stream does not exist: {stream}", "DoesNotExist")  # inferred
    from_head = request.get("startFromHead", False)
    if from_head and stream == "postgresql":
        raise invalid("The log of a PostgreSQL database can only be read from its tail.")  # rule: model
    start, end = asked(request, "startTime", 0.0), asked(request, "endTime", _NEVER)
    if start >= end:
        raise invalid("The start time must be earlier than the end time.")
    oldest = context.now - database_log.KEPT_S.get(stream, 0)
    lines = database_log.lines(found, stream, max(start, oldest), min(end, context.now))
    # A token goes on in the stream, whatever else was asked for with it.
    tokens = replace(context.tokens, arguments={"of": found.name, "stream": stream})
    at = tokens.read(request.get("pageToken")) or Position(
        int(context.now) * 1000, _FORWARD if from_head else _BACKWARD
    )
    if from_head and "pageToken" not in request:
        at = Position(-1, _FORWARD)
    page = _page(lines, at, context.page_size or LINES_PAGE_SIZE)
    behind, before = (page[-1].number, page[0].number) if page else _around(at)
    return {
        "resourceLogEvents": [{"createdAt": float(line.time), "message": line.message} for line in page],
        "nextBackwardToken": tokens.write(Position(before, _BACKWARD)),
        "nextForwardToken": tokens.write(Position(behind, _FORWARD)),
    }


def _page(lines: list[Line], at: Position, size: int) -> list[Line]:
    if at.key == _FORWARD:
        return [line for line in lines if line.number > at.number][:size]
    return [line for line in lines if line.number < at.number][-size:]


def _around(at: Position) -> tuple[int, int]:
    """The places behind and before which there may be lines, when there are none beyond a place."""
    return (at.number, at.number + 1) if at.key == _FORWARD else (at.number - 1, at.number)
