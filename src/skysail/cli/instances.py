"""`skysail instances`: what there is in a region, as a table or for a program, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from skysail.cli import summary
from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, connection_options, look_options
from skysail.cli.screen import Screen, undisturbed

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.caller.typed import InstancesPage, PaginationConfig
    from skysail.cli.listings import Format, Listing

HELP = """
  skysail instances                      what do I have here?
  skysail instances --region eu-west-1 -o csv --columns name,publicIpAddress
  skysail instances -o json --query "instances[?!isStaticIp].name"
  skysail instances --max-items 50       and on from there, as it says

where
  --region NAME  --profile NAME     else as the AWS CLI finds them
  --endpoint URL                    also: demo, local:fleet.db

which
  --max-items N                     at most N, and how to go on
  --starting-token TOKEN            go on: a NextToken, also the AWS CLI's

how it looks
  -o table|json|jsonl|csv|tsv       json is one document, jsonl one a line
  --columns a,b.c  or  +x,-y        any member; or change the usual
  --no-header                       for table, csv and tsv
  --query JMESPATH                  of the whole result, as in the AWS CLI
  -q                                no summary, no progress
  --color auto|always|never  --debug
"""


@click.command("instances", cls=Command, help=HELP)
@connection_options
@click.option("--max-items", type=click.IntRange(min=1))
@click.option("--starting-token")
@click.option("-o", "--output", type=click.Choice(["table", "json", "jsonl", "csv", "tsv"]))
@click.option("--columns")
@click.option("--no-header", is_flag=True)
@click.option("--query")
@click.option("-q", "--quiet", is_flag=True)
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    region: str | None,
    profile: str | None,
    endpoint: str | None,
    max_items: int | None,
    starting_token: str | None,
    output: Format | None,
    columns: str | None,
    no_header: bool,
    query: str | None,
    quiet: bool,
) -> int:
    # Late: neither help nor wrong options need the service model.
    from skysail.cli.columns import choose
    from skysail.cli.listings import listing

    invocation.is_json = output in ("json", "jsonl")
    if columns is not None and (invocation.is_json or query is not None):
        raise wrong_usage("--columns is for table, csv and tsv", 'JSON is cut by --query "instances[].name"')
    screen = Screen(invocation, is_quiet=quiet)
    shown = listing(
        output,
        choose(columns),
        query,
        screen,
        invocation.world.now(),
        has_header=not no_header,
        may_hide=columns is None,
    )
    walk = Walk(invocation, Connection(region, profile, endpoint), max_items, starting_token)
    return walk.run(shown, screen)


class Walk:
    """One listing of one region, from a client's first page to what is said at the end."""

    def __init__(
        self, invocation: Invocation, connection: Connection, max_items: int | None, starting_token: str | None
    ) -> None:
        # Late: it needs the client, which `--help` and wrong usage do not.
        from skysail.cli.whereabouts import place_of

        self._invocation = invocation
        self._connection = connection
        self._max_items = max_items
        self._starting_token = starting_token
        self._tally = summary.Tally()
        self._client = self._connect(connection.region)
        self._place = place_of(self._client.meta.config, connection.profile, invocation.environ)

    def run(self, shown: Listing, screen: Screen) -> int:
        """Print it all; gives the exit status. Raises CommandError, with the command that goes on."""
        began = self._invocation.world.now()
        try:
            self._print(shown, screen, began)
        except KeyboardInterrupt:
            screen.insist(summary.interrupted(self._tally, self._going_on(is_cut=False)))
            return Status.INTERRUPTED
        except CommandError as error:
            raise CommandError(self._resumable(error.trouble)) from error
        if self._tally.token is not None:
            screen.insist(summary.more_to_come(self._tally, self._going_on(is_cut=True)))
        elif self._tally.count:
            seconds = self._invocation.world.now() - began
            screen.tell(summary.summary(self._tally, self._place.in_summary, seconds, shown.hidden))
        else:
            screen.tell(self._nothing())
        return Status.DONE

    def _print(self, shown: Listing, screen: Screen, began: float) -> None:
        """Page by page. What was printed is made whole even where the walk breaks off; an error before the first
        page leaves the output empty.
        """
        has_begun = False
        try:
            for page in self._pages():
                with undisturbed():
                    screen.write(("" if has_begun else shown.begin()) + shown.page(page["instances"]))
                    has_begun = True
                    self._tally.add(page)
                if self._tally.token is not None:
                    screen.progress(summary.progress(self._tally, self._invocation.world.now() - began))
        finally:
            if has_begun:
                with undisturbed():
                    screen.write(shown.end(self._tally.token))

    def _pages(self) -> Iterator[InstancesPage]:
        """Raises CommandError for whatever goes wrong with the service or the token."""
        from skysail.cli.explanations import told_with

        config: PaginationConfig = {"MaxItems": self._max_items, "StartingToken": self._starting_token}
        try:
            with told_with(self._place.in_error):
                yield from self._client.get_paginator("get_instances").paginate(PaginationConfig=config)
        except (ValueError, TypeError) as error:
            if not str(error).startswith("Bad starting token"):
                raise
            raise wrong_usage(
                f"--starting-token is none: {self._starting_token}", "it is the NextToken of an answer, whole"
            ) from error

    def _resumable(self, trouble: Trouble) -> Trouble:
        """The same, saying how to go on where part of the listing has been printed."""
        if not self._tally.count or trouble.status is Status.WRONG_USAGE:
            return trouble
        going_on = self._going_on(is_cut=False)
        remedy = f"{summary.instances(self._tally.count)} came, all whole; go on: {going_on}"
        return replace(trouble, remedy=remedy, status=Status.PARTIAL)

    def _going_on(self, *, is_cut: bool) -> str:
        return summary.go_on_command(self._invocation.arguments, self._tally, self._max_items, is_cut=is_cut)

    def _nothing(self) -> str:
        # Late: only an empty answer asks further.
        from skysail.cli.explanations import told_with
        from skysail.cli.whereabouts import look_elsewhere
        from skysail.opening import open_transport

        with told_with(self._place.in_error):
            now = self._invocation.world.now()
            transport = open_transport(self._client.meta.config)
            found = look_elsewhere(self._client, self._connect, transport, now)
        hint = summary.elsewhere(found.regions, found.held)
        return summary.nothing(self._place.in_nothing(found.account), hint)

    def _connect(self, region: str | None) -> Client:
        connection = self._connection
        return self._invocation.connect(
            region_name=region, profile_name=connection.profile, endpoint_url=connection.endpoint
        )
