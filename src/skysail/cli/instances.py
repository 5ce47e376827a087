"""`skysail instances`: what there is in one region or in many places, as a table or for a program, page by page."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, Where, listing_options, look_options, where_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skysail.cli.fleet_walk import Going
    from skysail.cli.listings import Format, Time
    from skysail.cli.outputs import Output
    from skysail.cli.sifting import Condition
    from skysail.telling.columns import Column
    from skysail.telling.ordering import Order

HELP = """
  skysail instances               to act on them: skysail instances stop --help
  skysail instances --where state=running --where tag:role=web --sort -age
  skysail instances --region all --profile 'prod*' -o jsonl > fleet.jsonl

where (else as the AWS CLI finds it; of several: each login in each region)
  --region NAME|GLOB|all  --profile NAME|GLOB  --role-arn ARN   more than once
  --org --role-name ROLE                 in each account of the organization
  --endpoint URL                         also: demo, local:fleet.db
  --skip-disabled    of --region all, what the account has not enabled

which, and how
  --where CONDITION  state=running, tag:role=web, ram>=2, name=web-*
  --sort a,-b        by columns; the whole listing at its end
  --watch            a line for each change, until Ctrl-C; also -o jsonl
  --max-items N  --starting-token TOKEN  --resume last   on from where it broke
  --checkpoint FILE  --concurrency N  --dask ADDRESS

how it looks
  -o table|wide|json|jsonl|csv|tsv|name|ssh-config|ansible|prometheus|parquet|..
  --output-file FILE  --no-header  --fail-empty      exit 4 where nothing is
  --columns a,b.c  or  +x,-y             any member; or change the usual
  --query JMESPATH                       of the whole result, as in the AWS CLI
  -q  -v  --color auto|always|never  --debug
"""

_FORMATS = [
    *("table", "wide", "json", "jsonl", "csv", "tsv", "name", "ssh-config", "ansible", "prometheus", "parquet", "arrow")
]


@click.command("instances", cls=Command, help=HELP)
@where_options
@listing_options
@click.option("--watch", is_flag=True)
@click.option("--resume", type=click.Choice(["last"]))
@click.option("--max-items", type=click.IntRange(min=1))
@click.option("--starting-token")
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--concurrency", type=click.IntRange(min=1))
@click.option("--dask", metavar="ADDRESS")
@click.option("-o", "--output", type=click.Choice(_FORMATS))
@click.option("--output-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--query")
@click.option("--skip-disabled", is_flag=True)
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    where: Where,
    conditions: tuple[str, ...],
    sort: str | None,
    watch: bool,
    resume: str | None,
    max_items: int | None,
    starting_token: str | None,
    checkpoint: Path | None,
    concurrency: int | None,
    dask: str | None,
    output: Format | None,
    output_file: Path | None,
    columns: str | None,
    no_header: bool,
    query: str | None,
    fail_empty: bool,
    skip_disabled: bool,
) -> int:
    # Late: neither help nor wrong options need the service model.
    from skysail.cli.ends import Ends
    from skysail.cli.fleet_walk import Going
    from skysail.cli.outputs import length, text_file
    from skysail.cli.token import is_fleets

    look = Look(invocation, output, output_file, columns, query, conditions, sort, has_header=not no_header)
    if watch:
        others = {
            "--sort": sort,
            "--resume": resume,
            "--max-items": max_items,
            "--starting-token": starting_token,
            "--checkpoint": checkpoint,
            "--dask": dask,
            "--output-file": output_file,
            "--columns": columns,
            "--query": query,
            "--fail-empty": fail_empty,
            f"-o {output}": output not in (None, "jsonl"),
        }
        return _watch(invocation, where, look, [option for option, given in others.items() if given])
    if resume is not None:
        from skysail.cli.last_walk import resumed

        where, starting_token = resumed(invocation, where, starting_token)
    ends = Ends(fails_empty=fail_empty, skips_disabled=skip_disabled)
    going = Going(where, max_items, starting_token, checkpoint, concurrency, ends)
    goes_on = checkpoint is not None or starting_token is not None
    look.check(has_checkpoint=checkpoint is not None, goes_on=goes_on)
    one = where.one
    if checkpoint is not None or dask is not None or (starting_token is not None and is_fleets(starting_token)):
        one = None
    with text_file(None if look.is_table else output_file, appends=goes_on) as out:
        screen = Screen(invocation, out=out)
        if one is not None:
            has_begun = output_file is not None and bool(length(out))
            return _one(invocation, going, one, look, screen, has_begun=has_begun)
        return _many(invocation, going, look, screen, out, dask)


_WHOLE = ("json", "ansible", "prometheus")
"""Formats that make one document."""


class Look:
    """How the listing is to look: the options, and the output that they make."""

    def __init__(
        self,
        invocation: Invocation,
        output: Format | None,
        output_file: Path | None,
        columns: str | None,
        query: str | None,
        conditions: Sequence[str] = (),
        sort: str | None = None,
        *,
        has_header: bool,
    ) -> None:
        self._invocation = invocation
        self._format = output
        self._file = output_file
        self._columns = columns
        self._query = query
        self._has_header = has_header
        self._texts = tuple(conditions)
        self._sort = sort

    @cached_property
    def conditions(self) -> list[Condition]:
        """Raises CommandError for what is none."""
        if not self._texts:
            return []
        from skysail.cli.sifting import Condition

        return [Condition(text) for text in self._texts]

    @cached_property
    def _order(self) -> Order | None:
        if self._sort is None:
            return None
        from skysail.telling.ordering import Order

        return Order(self._sort)

    @property
    def is_table(self) -> bool:
        """Whether it is one of Arrow's tables, which are whole or not at all."""
        return self._format in ("parquet", "arrow")

    @property
    def has_file(self) -> bool:
        return self._file is not None

    def check(self, *, has_checkpoint: bool, goes_on: bool) -> None:
        """Raises CommandError for options that contradict one another."""
        if self._columns is not None and (
            self._format in ("json", "jsonl") or self.is_table or self._query is not None
        ):
            raise wrong_usage("--columns is for table, csv and tsv", 'JSON is cut by --query "instances[].name"')
        if self._query is not None and self.is_table:
            raise wrong_usage(f"--query gives a document, not a table for {self._format}", "-o json, or no --query")
        is_whole = self.is_table or self._format in _WHOLE or self._query is not None or self._sort is not None
        if is_whole and has_checkpoint:
            what = "--query" if self._query is not None else "--sort" if self._sort else f"-o {self._format}"
            raise wrong_usage(
                f"--checkpoint is for lines, which can be added to; {what} makes one document", "-o jsonl, csv or tsv"
            )
        if is_whole and goes_on and self._file is not None and self._file.exists():
            raise wrong_usage(f"{self._file} is there, and the rest would take its place", "another --output-file")

    def fields(self) -> tuple[str, ...] | None:
        """The members of instances that are shown; None for all of them."""
        from skysail.telling.columns import fields

        if self._query is not None or self._format not in (None, "table", "wide", "csv", "tsv", "name"):
            return None
        sifted = [field for condition in self.conditions for field in condition.fields]
        sifted += self._order.fields if self._order else ()
        return tuple(sorted({*fields(self._chosen(())), *sifted}))

    def output(self, screen: Screen, now: Time, front: Sequence[str] = (), *, has_begun: bool = False) -> Output:
        """`front` are columns before the usual ones; `has_begun` says that the header has been written before; `now`
        tells the service's time.
        """
        from skysail.cli.listings import listing
        from skysail.cli.outputs import TableOutput, TextOutput

        if self._format == "parquet" or self._format == "arrow":
            return self._sifted(TableOutput(self._format, self._file))
        shown = listing(
            self._format,
            self._chosen(front),
            self._query,
            screen,
            now,
            has_header=self._has_header and not has_begun,
            may_hide=self._columns is None and self._format != "wide",
        )
        return self._sifted(TextOutput(shown, screen))

    def _sifted(self, output: Output) -> Output:
        if not self.conditions and self._order is None:
            return output
        from skysail.cli.sifting import Sifted

        return Sifted(output, self.conditions, self._order)

    def _chosen(self, front: Sequence[str]) -> tuple[Column, ...]:
        from skysail.telling.columns import choose

        return choose(
            self._columns or ("name" if self._format == "name" else None), front, is_wide=self._format == "wide"
        )


def _one(
    invocation: Invocation, going: Going, connection: Connection, look: Look, screen: Screen, *, has_begun: bool
) -> int:
    from skysail.cli.place_walk import PlaceWalk

    output = look.output(screen, lambda: walk.time(), has_begun=has_begun)
    walk = PlaceWalk(
        invocation,
        connection,
        going.max_items,
        going.starting_token,
        look.fields(),
        conditions=look.conditions,
        ends=going.ends,
    )
    return walk.run(output, screen)


def _many(invocation: Invocation, going: Going, look: Look, screen: Screen, out: TextIO, dask: str | None) -> int:
    from skysail.cli.fleet_sources import Here, OnDask, Source
    from skysail.cli.fleet_walk import FleetWalk, checked, labels
    from skysail.cli.outputs import length, redirected
    from skysail.cli.whereabouts import time_of

    checked(going, dask)
    now = partial(time_of, invocation, going.where)
    look.output(screen, now)  # what is wrong with it is told before anything is done
    with going.fleet(invocation, look.fields()) as fleet:
        source: Source
        if dask is not None:
            source = OnDask(fleet, dask)
        else:
            source = Here(fleet, None if going.checkpoint is None else out, invocation.world.now)
        has_begun = (look.has_file or going.checkpoint is not None) and bool(length(out))
        output = look.output(screen, now, labels(fleet), has_begun=has_begun)
        return FleetWalk(invocation, going, source, screen, redirected(out), look.conditions).run(output)


def _watch(invocation: Invocation, where: Where, look: Look, others: Sequence[str]) -> int:
    """`others` are given options that mean nothing here."""
    from skysail.cli.watching import watch

    if others:
        raise wrong_usage(f"--watch tells changes, and {others[0]} is for a listing", "-o jsonl: a change as an object")
    one = where.one
    if one is None:
        raise wrong_usage("--watch looks at one place", "leave out --region all and the like, or run one for each")
    return watch(invocation, one, look.conditions, Screen(invocation), as_json=invocation.is_json)
