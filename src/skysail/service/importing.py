"""Instances of another Lightsail into a store: documents as GetInstances has them in, rows out.

Every member is kept, also those the model does not know; only times change their form, into the numbers that the
service sends. What comes is taken in the order in which it comes, a few hundred at a time, so that a fleet of any size
can be imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from skysail.protocol.faults import faults
from skysail.protocol.model import service_model
from skysail.service.ready_instances import KIND, Ready
from skysail.service.times import NoTime, seconds
from skysail.store.base import Place, Row, Transaction

_ARN = re.compile(r"arn:[^:]+:lightsail:(?P<region>[^:]*):(?P<account>[^:]*):Instance/(?P<id>.+)")
_KIND_IN_ARN = ":Instance/"
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)

_AT_ONCE = 100
_MOST = 1_000_000_000
"""How many instances one import may bring: so many numbers are set aside above those that a listing has."""
_MOST_TOLD = 10
"""How many refusals are kept to be told one by one."""


class Where(NamedTuple):
    """Where a document was found, for people: pages.json:3, instance 7."""

    path: str
    line: int | None = None
    instance: int | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        return f"{self.path}{line}" + ("" if self.instance is None else f", instance {self.instance}")


class Found(NamedTuple):
    """A document that was found: as a value, or ready to be stored where that could be told at a glance."""

    where: Where
    document: Any
    ready: Ready | None = None


class Refusal(NamedTuple):
    """What cannot be imported, and why; `name` is the instance's, where it has one."""

    where: Where
    name: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.where}{f' ({self.name})' if self.name else ''}: {self.why}"


class Import:
    """One import in one transaction. `account` and `region` are for documents whose arn and location do not tell.

    Documents come newest first, as GetInstances lists them, and it will list them in that order, before what was there.
    """

    def __init__(
        self, transaction: Transaction, *, account: str | None, region: str | None, new_id: Callable[[], str]
    ) -> None:
        self.counts: Counter[Place] = Counter()
        """How many instances were taken, by place."""
        self.refused = 0
        self.refusals: list[Refusal] = []
        """The first of those that were refused."""
        self._transaction = transaction
        self._account = account
        self._region = region
        self._new_id = new_id
        self._last: dict[Place, int] = {}
        """The highest number in each place's listing before this import."""
        self._known: dict[tuple[str, str], _Known] = {}
        """What was found out about instances whose arn begins so, and whose location names that region."""
        self._left = _MOST

    @property
    def taken(self) -> int:
        return self.counts.total()

    def take(self, stream: Iterable[Found | Refusal]) -> None:
        """Put all that comes into the store, and note what is refused."""
        found: list[tuple[Where, Row]] = []
        refused: list[Refusal] = []
        for one in stream:
            if isinstance(one, Refusal):
                refused.append(one)
            else:
                try:
                    found.append((one.where, self.row_of(one)))
                except Refused as because:
                    name = one.ready.name if one.ready else _name(one.document)
                    refused.append(Refusal(one.where, name, str(because)))
            if len(found) + len(refused) == _AT_ONCE:
                self._keep(found, refused)
                found, refused = [], []
        self._keep(found, refused)

    def _keep(self, found: list[tuple[Where, Row]], refused: list[Refusal]) -> None:
        rows = [row for _, row in found]
        self.counts.update([row.place for row in rows])
        taken = {id(row) for row in self._transaction.insert_free(rows)}
        for where, row in found if taken else ():
            if id(row) in taken:
                self.counts[row.place] -= 1
                refused.append(Refusal(where, row.name, self._why_taken(row)))
        self.refused += len(refused)
        self.refusals += refused[: _MOST_TOLD - len(self.refusals)]

    def _why_taken(self, row: Row) -> str:
        holder = self._transaction.get(row.place, row.name)
        if holder is not None and holder.kind == KIND and holder.number > self._last[row.place]:
            return "the name comes a second time"
        return f"the name is taken in {row.place.region} of account {row.place.account}"

    def row_of(self, one: Found) -> Row:
        """What it becomes. Raises Refused."""
        if one.ready is not None:
            return self._row(*one.ready)
        document = one.document
        encoded = checked(document)
        named = document.get("location", {}).get("regionName")
        return self._row(document["name"], document.get("arn", ""), named, encoded)

    def _row(self, name: str, arn: str, named_region: str | None, document: bytes) -> Row:
        """Raises Refused."""
        head, _, id = arn.partition(_KIND_IN_ARN)
        known = self._known.get((head, named_region or ""))
        if known is None or not id or "\n" in id:
            known, id = self._placed(arn, named_region)
        self._left -= 1
        return Row(known.place, KIND, name, id, known.last + self._left, document)

    def _placed(self, arn: str, named_region: str | None) -> tuple[_Known, str]:
        """Where an instance belongs, and its id. Raises Refused."""
        told = _ARN.fullmatch(arn)
        whose = told["account"] if told and _ACCOUNT.fullmatch(told["account"]) else self._account
        if whose is None:
            raise Refused("its arn does not tell the account: --account 111122223333")
        in_arn = told["region"] if told else None
        if named_region and in_arn and named_region != in_arn:
            raise Refused(f"its location says {named_region}, its arn {in_arn}")
        where = named_region or in_arn or self._region
        if not where:
            raise Refused("neither its location nor its arn tells the region: --region us-east-1")
        place = Place(whose, where)
        if place not in self._last:
            self._last[place] = self._transaction.last_number(place, KIND)
        known = _Known(place, self._last[place])
        head = arn.partition(_KIND_IN_ARN)[0]
        if told and told.start("id") == len(head) + len(_KIND_IN_ARN):
            self._known[head, named_region or ""] = known
        return known, told["id"] if told else self._new_id()


class _Known(NamedTuple):
    """A place, and the highest number in its listing before an import."""

    place: Place
    last: int


class Refused(Exception):
    """Why a document cannot be imported."""


def checked(document: Any) -> bytes:
    """The JSON to store of a document that may be an instance. Raises Refused."""
    if not isinstance(document, dict):
        raise Refused("it is not a JSON object")
    if _name(document) is None:
        raise Refused("it has no name")
    if document.get("resourceType", KIND) != KIND:
        raise Refused(f"it is a {document['resourceType']}, not an {KIND}")
    wrong = next((fault.text for fault in faults(KIND, document, "") if fault.wrong_type), None)
    if wrong is not None:
        raise Refused(wrong)
    try:
        return msgspec.json.encode(_with_numbers(KIND, document, ""))
    except (UnicodeEncodeError, RecursionError, msgspec.MsgspecError) as error:
        raise Refused(f"it cannot be stored: {error}") from None


def _name(document: Any) -> str | None:
    name = document.get("name") if isinstance(document, dict) else None
    return name if isinstance(name, str) and name else None


def _with_numbers(name: str, value: Any, path: str) -> Any:
    """A value of that shape with its times as numbers. Raises Refused."""
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
    if shape.type != "timestamp":
        return value
    try:
        return seconds(value)
    except NoTime as error:
        raise Refused(f"{path} {error}") from None


def instances_in(document: Any, where: Where) -> Iterator[Found]:
    """The instances in one document: an answer of GetInstances or GetInstance, a list of instances, or one.

    Anything else is one thing found, which `Import` refuses.
    """
    if isinstance(document, dict) and isinstance(document.get("instances"), list):
        document = document["instances"]
    elif isinstance(document, dict) and isinstance(document.get("instance"), dict):
        document = document["instance"]
    if not isinstance(document, list):
        yield Found(where, document)
        return
    for place, element in enumerate(document, 1):
        yield Found(where._replace(instance=place), element)
