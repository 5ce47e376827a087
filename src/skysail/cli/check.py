"""`skysail check`: whether a store is whole, and what is wrong where it is not. Nothing in it is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.cli.store_files import store_file

if TYPE_CHECKING:
    from skysail.service.inspecting.inspection import Fault

HELP = """
  skysail check fleet.db
  skysail check fleet.db -o json | jq '.faults[]'

looks whether a store is whole, also while a server has it open: the file's
pages and indexes; that every document is JSON of the model's form and says the
name that it is found by; that disks, static IPs, alarms and instances agree;
that every change to come is of a resource that is there; and the journal.

It changes nothing. It tells what it looked at and each fault with what can be
done, and exits with 1 where there is any. 1 GB takes 8 s, from a slow disk 25.

what
  FILE|URL          the store of `skysail serve --data FILE|URL`

how it looks
  -o text|json      text is for people
  -q  -v  --color auto|always|never  --debug
"""

_MOST_TOLD = 50


@click.command("check", cls=Command, help=HELP)
@click.argument("file", metavar="FILE|URL")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@look_options
@click.pass_obj
def command(invocation: Invocation, file: str, output: str) -> int:
    # Late: help needs none of it.
    from skysail.server import is_database

    found = _in_database(file) if is_database(file) else _in_file(store_file(file, "check"))
    Screen(invocation).write(as_json(found) if output == "json" else as_text(found))
    return Status.REFUSED if found.faults else Status.DONE


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked at, and what is wrong. `is_current`: the tables are this version's, so their rows were read."""

    store: str
    version: int
    size: int | None
    """Bytes of a file."""
    is_current: bool
    counts: Mapping[str, int]
    faults: list[Fault]


def _in_file(path: Path) -> Found:
    """Raises CommandError for a file that is not there, StoreError for what is no store, or none that can be opened."""
    # Late, as above.
    from skysail.server import inspection
    from skysail.service.inspecting.inspection import Fault
    from skysail.store.sqlite_look import look

    if not path.exists():
        raise wrong_usage(f"there is no {path}", "the FILE of skysail serve --data FILE")
    with look(path) as seen:
        inspected = inspection(seen.transaction)
        faults = [Fault("the file", text) for text in seen.faults()]
        faults += inspected.faults() if seen.is_current else ()
        size = seen.pages * seen.page_size
        return Found(str(path), seen.version, size, seen.is_current, inspected.counts, faults)


def _in_database(url: str) -> Found:
    """Raises CommandError, StoreError."""
    # Late, as above.
    from skysail.server import inspection

    try:
        from skysail.store.postgres_look import look
    except ImportError as error:
        raise wrong_usage("a store in PostgreSQL needs psycopg", "pip install 'skysail[postgres]'") from error
    with look(url) as seen:
        inspected = inspection(seen.transaction)
        faults = list(inspected.faults()) if seen.is_current else []
        return Found(seen.description, seen.version, None, seen.is_current, inspected.counts, faults)


def as_text(found: Found) -> str:
    size = "" if found.size is None else f", {found.size:,} bytes"
    lines = [f"{found.store}: a store of version {found.version}{size}"]
    width = max(map(len, found.counts), default=0)
    lines += [f"  {name:{width}}  {count:,}" for name, count in found.counts.items()]
    if not found.is_current:
        lines.append("  rows were not read: an older skysail wrote it; skysail serve brings it up to date")
    lines += [_line(fault) for fault in found.faults[:_MOST_TOLD]]
    if len(found.faults) > _MOST_TOLD:
        lines.append(f"fault: {len(found.faults) - _MOST_TOLD:,} more: -o json")
    count = len(found.faults)
    lines.append(f"{count:,} fault{'' if count == 1 else 's'}" if count else "nothing is wrong")
    return "".join(f"{line}\n" for line in lines)


def _line(fault: Fault) -> str:
    where = f" (account {fault.place.account}, {fault.place.region})" if fault.place else ""
    return f"fault: {fault.about}{where}: {fault.what} — {fault.remedy}"


def as_json(found: Found) -> str:
    """One object on one line."""
    document = {
        "store": found.store,
        "version": found.version,
        "bytes": found.size,
        "counts": found.counts,
        "faults": [_members(fault) for fault in found.faults],
    }
    return f"{json.dumps(document, ensure_ascii=False)}\n"


def _members(fault: Fault) -> dict[str, Any]:
    place = fault.place._asdict() if fault.place else {}
    return {"about": fault.about, "what": fault.what, "remedy": fault.remedy, **place}
