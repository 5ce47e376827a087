"""`skysail pages --unread`: the answers of a local server whose next page nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options, server_options
from skysail.cli.screen import Screen

HELP = """
  skysail pages --unread                    pages that were left, oldest first
  skysail pages --unread --operation GetInstances -o json
  skysail serve --page-size 2               so that every listing has pages
  skysail pages clear                       begin anew

Whoever reads the first page of a listing alone loses the rest without a word.
A page counts as read when its nextPageToken has come back; whether somebody
stopped on purpose (MaxItems) the server cannot see. Each worker knows its own,
the last 1,000, and none after a restart.

which, of which server, and how it looks
  --unread          those that nobody asked for
  --operation NAME
  --endpoint URL  --profile NAME   as skysail clock
  -o table|json|jsonl   JSON has the ids and arguments too
  --fail            exit 4 where there is one: for CI
  -q  -v  --color auto|always|never  --debug
"""

HEADERS = ("TIME", "OPERATION", "ITEMS", "ACCOUNT", "REGION", "ARGUMENTS")


@click.command("pages", cls=Command, help=HELP)
@click.argument("verb", metavar="[clear]", required=False)
@click.option("--unread", is_flag=True)
@click.option("--operation")
@click.option("--fail", is_flag=True)
@server_options
@click.option("-o", "--output", type=click.Choice(["table", "json", "jsonl"]), default="table")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    verb: str | None,
    unread: bool,
    operation: str | None,
    fail: bool,
    profile: str | None,
    endpoint: str | None,
    output: str,
) -> int:
    if verb not in (None, "clear"):
        raise wrong_usage(f"pages {verb} is not clear", "skysail pages --unread")
    if verb is None and not unread:
        raise wrong_usage("say which pages", "skysail pages --unread")
    handle = invocation.administer(profile_name=profile, endpoint_url=endpoint)
    screen = Screen(invocation)
    if verb == "clear":
        handle.unread_pages.clear()
        screen.tell(f"{handle.endpoint_url}: the unread pages are forgotten")
        return Status.DONE
    pages, dropped = handle.unread_pages.reading(operation)
    screen.write(_shown(pages, dropped, output, screen))
    if output == "table":
        screen.tell(_summary(pages, dropped, handle.endpoint_url, operation))
    return Status.NOT_AS_ASKED if fail and pages else Status.DONE


def _shown(pages: Sequence[Mapping[str, Any]], dropped: int, output: str, screen: Screen) -> str:
    # Late: help needs none of it.
    from skysail.cli.rendering import json_line, json_text
    from skysail.cli.tables import table

    if output == "json":
        return f"{json_text({'unread': list(pages), 'dropped': dropped})}\n"
    if output == "jsonl":
        return "".join(json_line(page) for page in pages)
    return table(screen, HEADERS, [row(page) for page in pages], expendable=("ACCOUNT", "ARGUMENTS")) if pages else ""


def _summary(pages: Sequence[Mapping[str, Any]], dropped: int, endpoint: str, operation: str | None) -> str:
    if not pages:
        return f"nothing: every next page{f' of {operation}' if operation else ''} at {endpoint} was asked for"
    more = f", and {dropped:,} before those" if dropped else ""
    return f"{len(pages):,} answers whose next page nobody asked for{more}   {endpoint}"


def row(page: Mapping[str, Any]) -> tuple[str, ...]:
    # Late, as above.
    from skysail.service.clock import written

    told = [page.get(name) or "-" for name in ("operation", "items", "account", "region")]
    arguments = " ".join(f"{name}={value}" for name, value in page["arguments"].items()) or "-"
    return (written(page["at"]), *map(str, told), arguments)
