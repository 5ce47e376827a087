"""One listing of many places, from the first page to what is said at the end: what came, what is missing, and why."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from skysail.caller.fleet.places import Login
from skysail.caller.fleet.token import FleetState
from skysail.cli import fleet_summary, summary
from skysail.cli.ends import Ends
from skysail.cli.explanations import explained
from skysail.cli.failures import CommandError, Status, Trouble, as_json, wrong_usage
from skysail.cli.fleet_sources import Coming, Failure, Source
from skysail.cli.invocation import Invocation
from skysail.cli.known_names import Gathered, shelf_of
from skysail.cli.last_walk import keep
from skysail.cli.options import Where
from skysail.cli.outputs import Instances, Output
from skysail.cli.screen import Screen, undisturbed
from skysail.cli.whereabouts import look_elsewhere
from skysail.errors import ConfigurationError, SkysailError
from skysail.opening import open_transport

if TYPE_CHECKING:
    from skysail.caller.fleet.fleet import Fleet
    from skysail.caller.sync import Client
    from skysail.cli.sifting import Condition

_ANY_REGION = "us-east-1"
"""To ask in what all regions of a local service have in common."""


@dataclass(frozen=True, slots=True)
class Going:
    """Which part of a fleet is listed, and how its walk goes on."""

    where: Where
    max_items: int | None = None
    starting_token: str | None = None
    checkpoint: Path | None = None
    concurrency: int | None = None
    ends: Ends = Ends()  # noqa: RUF009  (it is frozen)

    def fleet(self, invocation: Invocation, fields: Sequence[str] | None) -> Fleet:
        """The walk, which has sent nothing yet. Raises UsageError, ConfigurationError."""
        where = self.where
        return invocation.fleet(
            regions=where.regions or None,
            profiles=where.profiles,
            role_arns=where.role_arns,
            organization_role=where.organization_role,
            endpoint_url=where.endpoint,
            fields=fields,
            max_items=self.max_items,
            starting_token=self.starting_token,
            checkpoint=self.checkpoint,
            auto_acknowledge=False,
            world=invocation.world,
            **({} if self.concurrency is None else {"concurrency": self.concurrency}),
        )


def labels(fleet: Fleet) -> tuple[str, ...]:
    """The columns that tell the logins of a fleet apart; none where there is one login."""
    state = None if fleet.token is None else FleetState.of_token(fleet.token)
    logins: set[Login] = set() if state is None else {place.login for place in state.positions}
    if len(logins) < 2:
        return ()
    profiles = ("profile",) if any(login.profile for login in logins) else ()
    return profiles if all(login.profile for login in logins) else (*profiles, "account")


class FleetWalk:
    """The walk of one command over a source of pages."""

    def __init__(
        self,
        invocation: Invocation,
        going: Going,
        source: Source,
        screen: Screen,
        redirected: str | None = None,
        conditions: Sequence[Condition] = (),
    ) -> None:
        """`redirected` is the file that the shell writes the result to, where there is one and it is known."""
        self._invocation = invocation
        self._going = going
        self._source = source
        self._screen = screen
        self._redirected = redirected
        self._conditions = conditions
        self._tally = summary.Tally()
        self._sifted = 0  # how many instances came, whether they fit the conditions or not

    def run(self, output: Output) -> int:
        """Print it all; gives the exit status. Raises CommandError, with the command that goes on."""
        if self._source.token is None:
            self._screen.insist(fleet_summary.finished(self._source.coming.places, self._going.checkpoint))
            return Status.DONE
        now, tally = self._invocation.world.now, self._tally
        began = now()

        def delivered(instances: Instances) -> None:
            tally.add({"instances": instances})
            self._source.delivered()
            self._screen.progress(fleet_summary.progress(tally, self._source.coming, now() - began))

        names = Gathered()
        try:
            try:
                output.take(self._named(names), delivered, self._token)
            finally:
                if tally.pages:
                    with undisturbed():
                        tally.token = self._token()
        except KeyboardInterrupt:
            if output.goes_on:
                self._screen.insist(summary.interrupted(tally, self._going_on(is_cut=False)))
            else:
                self._screen.insist(summary.lost(self._invocation.arguments))
            return Status.INTERRUPTED
        except (SkysailError, BotoCoreError) as error:
            raise CommandError(self._resumable(explained(error), output)) from error
        if tally.token is None and self._going.starting_token is None:
            names.keep(self._invocation.environ, now())
        return self._end(output, now() - began)

    def _named(self, names: Gathered) -> Iterator[Instances]:
        """The pages, whose names are remembered by their places."""
        environ, url = self._invocation.environ, self._going.where.endpoint
        for instances in self._source.pages():
            self._sifted += len(instances)
            if instances:
                with suppress(ConfigurationError):  # a label that is no profile
                    shelf = shelf_of(instances[0].get("_profile"), instances[0]["_region"], url, environ)
                    names.add(shelf, instances)
            yield instances

    def _token(self) -> str | None:
        self._source.keep()
        return self._source.token

    def _end(self, output: Output, seconds: float) -> int:
        tally, coming = self._tally, self._source.coming
        failures, disabled = self._failures()
        if failures:
            told = fleet_summary.missing(tally, coming, seconds, len(failures))
            if self._invocation.is_json:
                for failure in failures:
                    self._screen.insist(as_json(failure.trouble))
                self._screen.tell(told)
            else:
                colour, verbose = self._screen.error_has_colour, self._invocation.verbose
                reasons = fleet_summary.reasons(failures, colour=colour, verbose=verbose)
                self._screen.insist(f"{told}\n{reasons}")
            self._screen.insist(f"go on: {self._going_on(is_cut=True)}")
            return _status(tally, coming, [failure.trouble for failure in failures])
        if disabled:
            self._screen.tell(fleet_summary.left_out(disabled))
            coming = replace(coming, places=coming.places - len(disabled), failed=coming.failed - len(disabled))
        if tally.token is not None and _is_more(tally.token, disabled):
            hidden = summary.hidden_line(output.hidden)
            self._screen.insist(summary.more_to_come(tally, self._going_on(is_cut=True)) + hidden)
        elif tally.count:
            self._screen.tell(fleet_summary.summary(tally, coming, seconds, output.hidden))
        elif self._sifted:
            from skysail.cli.sifting import state_hint  # late: only --where comes here

            texts = [condition.text for condition in self._conditions]
            self._screen.tell(summary.none_fits(self._sifted, texts, state_hint(self._conditions)))
        else:
            self._screen.tell(summary.nothing(fleet_summary.places(coming.places), self._hint()))
        return self._going.ends.status(tally.count)

    def _hint(self) -> str | None:
        """Where a local service has some that no place of this walk shows."""
        where, invocation = self._going.where, self._invocation
        if len(where.profiles) > 1 or where.role_arns or where.organization_role:
            return None
        profile = where.profiles[0] if where.profiles else None

        def connect(region: str | None) -> Client:
            return invocation.connect(region_name=region, profile_name=profile, endpoint_url=where.endpoint)

        with suppress(SkysailError), connect(_ANY_REGION) as client:
            settings = client.meta.config
            found = look_elsewhere(client, connect, open_transport(settings), invocation.world.now())
            return summary.elsewhere(found.regions, found.held, found.others, settings.endpoint_url)
        return None

    def _failures(self) -> tuple[list[Failure], list[Failure]]:
        """What failed, and what is to be left out: regions that accounts have not enabled, by the option."""
        token = self._source.token
        positions = {} if token is None else FleetState.of_token(token).positions
        let_in = {str(place.login) for place, position in positions.items() if position == "done"}
        return self._going.ends.apart(self._source.failures, let_in)

    def _resumable(self, trouble: Trouble, output: Output) -> Trouble:
        """The same, saying how to go on where part of the listing has been printed."""
        if not self._tally.count or not output.goes_on:
            return trouble
        remedy = f"{summary.instances(self._tally.count)} came, all whole; go on: {self._going_on(is_cut=False)}"
        return replace(trouble, remedy=remedy, status=Status.PARTIAL)

    def _going_on(self, *, is_cut: bool) -> str:
        tally = self._tally
        by_name = keep(self._invocation, self._going.where, tally.token) and self._screen.is_for_people
        if self._going.checkpoint is not None:
            tally = summary.Tally()  # the checkpoint knows where
            tally.count, tally.pages = self._tally.count, self._tally.pages
        words, most = self._invocation.arguments, self._going.max_items
        command = summary.go_on_command(words, tally, most, is_cut=is_cut, by_name=by_name)
        if self._going.checkpoint is None or self._redirected is None:
            return command
        return f"{command} >> {shlex.quote(self._redirected)}"


def _is_more(token: str, left_out: Sequence[Failure]) -> bool:
    """Whether anything is left behind the token, other than what is left out.

    How far the walk has asked does not tell: that is further than what it has handed out.
    """
    out = {(failure.login, failure.region) for failure in left_out}
    positions = FleetState.of_token(token).positions
    return any(at != "done" and (str(place.login), place.region) not in out for place, at in positions.items())


def _status(tally: summary.Tally, coming: Coming, troubles: Sequence[Trouble]) -> Status:
    """Part of it failed; where nothing at all came, what all of it failed with."""
    if tally.pages or coming.done:
        return Status.PARTIAL
    kinds = {trouble.status for trouble in troubles}
    return kinds.pop() if len(kinds) == 1 else Status.REFUSED


def checked(going: Going, dask: str | None) -> None:
    """Raises CommandError for options that contradict one another."""
    if dask is not None and (going.max_items is not None or going.checkpoint is not None):
        option = "--max-items" if going.max_items is not None else "--checkpoint"
        raise wrong_usage(f"{option} is not for --dask: parts are walked side by side", "leave one of them out")
