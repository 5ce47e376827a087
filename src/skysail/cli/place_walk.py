"""One listing of one region, from a client's first page to what is said at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skysail.caller.narrowing import chosen
from skysail.caller.pages import make_paginator
from skysail.cli import summary
from skysail.cli.ends import Ends
from skysail.cli.explanations import told_with
from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.known_names import Gathered, Shelf
from skysail.cli.last_walk import keep
from skysail.cli.options import Connection, Where
from skysail.cli.outputs import Instances, Output
from skysail.cli.screen import Screen
from skysail.cli.whereabouts import look_elsewhere, place_of, time_there
from skysail.opening import open_transport
from skysail.protocol.model import service_model

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.caller.typed import InstancesPage
    from skysail.cli.sifting import Condition

_STATE = "state.name"


class PlaceWalk:
    """`fields` are the members of instances that are shown, None for all of them."""

    def __init__(
        self,
        invocation: Invocation,
        connection: Connection,
        max_items: int | None,
        starting_token: str | None,
        fields: Sequence[str] | None = None,
        *,
        conditions: Sequence[Condition] = (),
        ends: Ends = Ends(),  # noqa: B008  (it is frozen)
    ) -> None:
        self._invocation = invocation
        self._connection = connection
        self._max_items = max_items
        self._starting_token = starting_token
        self._fields = fields
        self._conditions = conditions
        self._ends = ends
        self._tally = summary.Tally()
        self._shown = summary.Tally()
        self._is_for_people = False
        self._client = self._connect(connection.region)
        self._place = place_of(self._client.meta.config, connection.profile, invocation.environ)

    def time(self) -> float:
        """The service's, in seconds since 1970."""
        return time_there(self._client, self._invocation.world.now())

    def run(self, output: Output, screen: Screen) -> int:
        """Print it all; gives the exit status. Raises CommandError, with the command that goes on."""
        now = self._invocation.world.now
        began = now()
        self._is_for_people = screen.is_for_people
        page: InstancesPage
        names = Gathered()
        shelf = Shelf(self._place.profile, self._place.region, self._place.endpoint)

        def instances() -> Iterator[Instances]:
            nonlocal page
            for page in self._pages():
                names.add(shelf, page["instances"])
                yield page["instances"] if output.goes_on else self._labelled(page)

        def delivered(instances: Instances) -> None:
            self._tally.add(page)
            self._shown.add({"instances": instances})
            if self._tally.token is not None:
                screen.progress(summary.progress(self._tally, now() - began))

        try:
            output.take(instances(), delivered, lambda: self._tally.token)
        except KeyboardInterrupt:
            going_on = self._going_on(is_cut=False)
            lost = summary.lost(self._invocation.arguments)
            screen.insist(summary.interrupted(self._tally, going_on) if output.goes_on else lost)
            return Status.INTERRUPTED
        except CommandError as error:
            raise CommandError(self._resumable(error.trouble, output)) from error
        if self._tally.token is None and self._starting_token is None:
            names.keep(self._invocation.environ, now())
        if self._tally.token is not None:
            hidden = summary.hidden_line(output.hidden)
            screen.insist(summary.more_to_come(self._tally, self._going_on(is_cut=True)) + hidden)
        elif self._tally.count and not self._shown.count:
            screen.tell(summary.none_fits(self._tally.count, [one.text for one in self._conditions], self._hint()))
        elif self._tally.count:
            screen.tell(summary.summary(self._shown, self._place.in_summary, now() - began, output.hidden))
        else:
            screen.tell(self._nothing())
        return self._ends.status(self._shown.count)

    def _pages(self) -> Iterator[InstancesPage]:
        """Raises CommandError for whatever goes wrong with the service or the token."""
        config = {"MaxItems": self._max_items, "StartingToken": self._starting_token}
        listed = service_model().operation("GetInstances")
        call: Any = self._client.get_instances
        if self._fields is not None and listed.output is not None and listed.paging is not None:
            call = call.narrowed(chosen((*self._fields, _STATE), listed.output, listed.paging).page)
        try:
            with told_with(self._place.in_error, self._place.profile):
                pages: Any = make_paginator(listed, call).paginate(fetch_ahead=1, PaginationConfig=config)
                yield from pages
        except (ValueError, TypeError) as error:
            if not str(error).startswith("Bad starting token"):
                raise
            raise wrong_usage(
                f"--starting-token is none: {self._starting_token}", "it is the NextToken of an answer, whole"
            ) from error

    def _labelled(self, page: InstancesPage) -> Instances:
        """The instances as a fleet's have it: with their account, region and profile."""
        place = {"_region": self._place.region, "_profile": self._place.profile}
        return [
            {**instance, "_account": instance.get("arn", "::::").split(":")[4] or None, **place}
            for instance in page["instances"]
        ]

    def _resumable(self, trouble: Trouble, output: Output) -> Trouble:
        """The same, saying how to go on where part of the listing has been printed."""
        if not self._tally.count or trouble.status is Status.WRONG_USAGE or not output.goes_on:
            return trouble
        going_on = self._going_on(is_cut=False)
        remedy = f"{summary.instances(self._tally.count)} came, all whole; go on: {going_on}"
        return replace(trouble, remedy=remedy, status=Status.PARTIAL)

    def _going_on(self, *, is_cut: bool) -> str:
        is_kept = keep(self._invocation, Where.of(self._connection), self._tally.token)
        by_name = is_kept and self._is_for_people and not is_cut
        return summary.go_on_command(
            self._invocation.arguments, self._tally, self._max_items, is_cut=is_cut, by_name=by_name
        )

    def _hint(self) -> str | None:
        from skysail.cli.sifting import state_hint  # late: only --where comes here

        return state_hint(self._conditions)

    def _nothing(self) -> str:
        with told_with(self._place.in_error, self._place.profile):
            now = self._invocation.world.now()
            transport = open_transport(self._client.meta.config)
            found = look_elsewhere(self._client, self._connect, transport, now)
        hint = summary.elsewhere(found.regions, found.held, found.others, self._place.endpoint)
        return summary.nothing(self._place.in_nothing(found.account), hint)

    def _connect(self, region: str | None) -> Client:
        connection = self._connection
        return self._invocation.connect(
            region_name=region, profile_name=connection.profile, endpoint_url=connection.endpoint
        )
