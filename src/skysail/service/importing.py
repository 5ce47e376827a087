"""Instances of another Lightsail into a store: documents as GetInstances has them in, rows out.

Every member is kept, also those the model does not know; only times change their form, into the numbers that the
service sends. Nothing is read or written here: whether a name is taken is asked of the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from skysail.protocol.faults import faults
from skysail.protocol.model import service_model
from skysail.store.base import Place, Row

KIND = "Instance"

_ARN = re.compile(r"arn:[^:]+:lightsail:(?P<region>[^:]*):(?P<account>[^:]*):Instance/(?P<id>.+)")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was found, and where, for people: pages.json:3, instance 7."""

    where: str
    document: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """What cannot be imported, and why; `name` is the instance's, where it has one."""

    where: str
    name: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.where}{f' ({self.name})' if self.name else ''}: {self.why}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do: rows to insert, newest first in each place, and what it would leave out."""

    rows: list[Row]
    refusals: list[Refusal]


def plan(
    found: Iterable[Found],
    *,
    account: str | None,
    region: str | None,
    is_taken: Callable[[Place, str], bool],
    last_number: Callable[[Place], int],
    new_id: Callable[[], str],
) -> Plan:
    """Rows for documents that come newest first, as GetInstances lists them, and in whose order it will list them.

    `account` and `region` are for documents whose arn and location do not tell. `last_number` is the highest one in a
    place's listing so far: what is imported stands before what was there.
    """
    rows: dict[tuple[Place, str], Row] = {}
    refusals: list[Refusal] = []
    for one in found:
        try:
            row = _row(one.document, account, region, new_id)
            if (row.place, row.name) in rows:
                raise _Refused("the name comes a second time")
            if is_taken(row.place, row.name):
                raise _Refused(f"the name is taken in {row.place.region} of account {row.place.account}")
        except _Refused as refused:
            name = one.document.get("name") if isinstance(one.document, dict) else None
            refusals.append(Refusal(one.where, name if isinstance(name, str) else None, str(refused)))
        else:
            rows[row.place, row.name] = row
    return Plan(_numbered(list(rows.values()), last_number), refusals)


class _Refused(Exception):
    """Why a document cannot be imported."""


def _row(document: Any, account: str | None, region: str | None, new_id: Callable[[], str]) -> Row:
    """A row without its number. Raises _Refused."""
    if not isinstance(document, dict):
        raise _Refused("it is not a JSON object")
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise _Refused("it has no name")
    if document.get("resourceType", KIND) != KIND:
        raise _Refused(f"it is a {document['resourceType']}, not an {KIND}")
    wrong = next((fault.text for fault in faults(KIND, document, "") if fault.wrong_type), None)
    if wrong is not None:
        raise _Refused(wrong)
    arn = _ARN.fullmatch(document.get("arn", ""))
    try:
        encoded = msgspec.json.encode(_with_numbers(KIND, document, ""))
    except (UnicodeEncodeError, RecursionError, msgspec.MsgspecError) as error:
        raise _Refused(f"it cannot be stored: {error}") from None
    place = _place(document, arn, account, region)
    return Row(place, KIND, name, arn["id"] if arn else new_id(), 0, encoded)


def _place(document: dict[str, Any], arn: re.Match[str] | None, account: str | None, region: str | None) -> Place:
    whose = arn["account"] if arn and _ACCOUNT.fullmatch(arn["account"]) else account
    if whose is None:
        raise _Refused("its arn does not tell the account: --account 111122223333")
    named = document.get("location", {}).get("regionName")
    in_arn = arn["region"] if arn else None
    if named and in_arn and named != in_arn:
        raise _Refused(f"its location says {named}, its arn {in_arn}")
    where = named or in_arn or region
    if not where:
        raise _Refused("neither its location nor its arn tells the region: --region us-east-1")
    return Place(whose, where)


def _numbered(rows: list[Row], last_number: Callable[[Place], int]) -> list[Row]:
    """The rows with their numbers: the first of each place gets the highest, above all that is there."""
    left = {place: 0 for place in (row.place for row in rows)}
    for row in rows:
        left[row.place] += 1
    base = {place: last_number(place) for place in left}
    numbered = []
    for row in rows:
        numbered.append(replace(row, number=base[row.place] + left[row.place]))
        left[row.place] -= 1
    return numbered


# --- times ------------------------------------------------------------------------------------------------


def _with_numbers(name: str, value: Any, path: str) -> Any:
    """A value of that shape with its times as numbers: seconds since 1970, up to three decimals. Raises _Refused."""
    shape = service_model().shape(name)
    if shape.type == "structure":
        return {
            member: _with_numbers(shape.members[member].shape, element, f"{path}.{member}" if path else member)
            if member in shape.members
            else element
            for member, element in value.items()
        }
    if shape.type == "list" and shape.member:
        of = shape.member.shape
        return [_with_numbers(of, element, f"{path}.{place}") for place, element in enumerate(value, 1)]
    return _seconds(value, path) if shape.type == "timestamp" else value


# What a datetime can hold: years 1 to 9999.
_FIRST_TIME, _LAST_TIME = -62_135_596_800, 253_402_300_800


def _seconds(value: float | str, path: str) -> float | int:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise _Refused(f"{path} is no ISO 8601 time: {value}") from None
        value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not _FIRST_TIME <= value < _LAST_TIME:
        raise _Refused(f"{path} is no time: {value}")
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def instances_in(document: Any, where: str) -> Iterator[Found]:
    """The instances in one document: an answer of GetInstances or GetInstance, a list of instances, or one.

    Anything else is one thing found, which `plan` refuses.
    """
    if isinstance(document, dict) and isinstance(document.get("instances"), list):
        document = document["instances"]
    elif isinstance(document, dict) and isinstance(document.get("instance"), dict):
        document = document["instance"]
    if not isinstance(document, list):
        yield Found(where, document)
        return
    for place, element in enumerate(document, 1):
        yield Found(f"{where}, instance {place}", element)
