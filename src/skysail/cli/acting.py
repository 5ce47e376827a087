"""What the commands that act on instances share: finding them by name, asking before the act, waiting behind it.

Questions are asked on a terminal alone. A program says --yes; without it nothing is done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import click

from skysail.cli.explanations import told_with
from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Connection
from skysail.cli.rendering import state_text
from skysail.cli.screen import Screen
from skysail.cli.whereabouts import place_of, time_there
from skysail.errors import ServiceError
from skysail.telling.nearest import did_you_mean

if TYPE_CHECKING:
    from skysail.caller.sync import Client

Instance = Mapping[str, Any]

_EVERY_S = 1.0
_PATIENCE_S = 600.0


def can_ask() -> bool:
    """Whether there is somebody who can answer: words go to stderr, answers come from stdin."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Acting:
    """One region of one account, and the screen on which it is told what is done there."""

    def __init__(self, invocation: Invocation, connection: Connection) -> None:
        self._world = invocation.world
        self.client = invocation.connect(
            region_name=connection.region, profile_name=connection.profile, endpoint_url=connection.endpoint
        )
        self.place = place_of(self.client.meta.config, connection.profile, invocation.environ)
        self.screen = Screen(invocation)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Whatever the service refuses in this block is told with the place."""
        with told_with(self.place.in_error, self.place.profile):
            yield

    def instance(self, name: str) -> Instance:
        """Raises CommandError; where there is none of that name, with the nearest."""
        try:
            found: Instance = self.client.get_instance(instanceName=name)["instance"]
        except ServiceError as error:
            if error.kind != "NotFoundException":
                with self.told():
                    raise
            raise CommandError(self._unknown(name, error)) from error
        return found

    def instances(self, names: Sequence[str]) -> list[Instance]:
        """Each once, in the order given; all are looked for before anything is done. Raises CommandError."""
        with self.told():
            return [self.instance(name) for name in dict.fromkeys(names)]

    def every(self, method: str, member: str, **asked: Any) -> list[dict[str, Any]]:
        """All elements of a listing, through all pages. Raises CommandError."""
        with self.told():
            return elements(self.client, method, member, **asked)

    def do(self, method: str, **arguments: Any) -> dict[str, Any]:
        """One call. Raises CommandError."""
        with self.told():
            answer: dict[str, Any] = getattr(self.client, method)(**arguments)
        return answer

    def confirm(self, question: str, *, yes: bool, act: str) -> None:
        """Go on only by a yes. Raises CommandError where nobody can be asked; Abort for every other answer."""
        if self._goes_unasked(yes, act) or self._asked(f"{question} [y/N] ").lower() in ("y", "yes"):
            return
        self._refrain()

    def confirm_typed(self, question: str, wanted: str, *, yes: bool, act: str) -> None:
        """The same, for what cannot be undone: a word has to be typed."""
        if not self._goes_unasked(yes, act) and self._asked(f"{question}: ") != wanted:
            self._refrain()

    def wait(self, names: Sequence[str], state: str, since: float) -> list[Instance]:
        """The instances, once all are in that state, the seconds running meanwhile. Raises CommandError.

        Ctrl-C ends the waiting alone, and that is said.
        """
        try:
            return self._waited_for(names, state, since)
        except KeyboardInterrupt:
            look = f"skysail instances show {names[0]}" if len(names) == 1 else "skysail instances --watch"
            self.screen.insist(f"no longer waiting; it goes on by itself: {look}")
            raise

    def _waited_for(self, names: Sequence[str], state: str, since: float) -> list[Instance]:
        left = list(names)
        found: dict[str, Instance] = {}
        while True:
            with self.told():
                found |= {name: self.instance(name) for name in left}
            left = [name for name in left if found[name]["state"]["name"] != state]
            if not left:
                return [found[name] for name in names]
            passed = self._world.now() - since
            now = found[left[0]]["state"]["name"]
            if passed > _PATIENCE_S:
                what = f"{left[0]} is still {now} after {passed:.0f} s"
                raise CommandError(
                    Trouble(what, f"look again: skysail instances --where name={left[0]}", Status.PARTIAL)
                )
            others = f" and {len(left) - 1} more" if len(left) > 1 else ""
            self.screen.progress(
                f"{left[0]}{others}: {state_text(now, has_glyphs=self.screen.error_has_glyphs)} {passed:.0f} s"
            )
            self._world.sleep(_EVERY_S)

    def now(self) -> float:
        """By this machine: for what passes while somebody waits."""
        return self._world.now()

    @cached_property
    def time(self) -> float:
        """The service's, as it was asked for first: for what is old, or has been measured."""
        return time_there(self.client, self._world.now())

    def _goes_unasked(self, yes: bool, act: str) -> bool:
        if not yes and not can_ask():
            raise wrong_usage(f"nobody is here to be asked, and {act} wants a yes; nothing was done", "add --yes")
        return yes

    def _refrain(self) -> NoReturn:
        self.screen.tell("nothing was done")
        raise click.Abort

    def _asked(self, question: str) -> str:
        self.screen.ask(question)
        answer = sys.stdin.readline()
        if not answer:  # Ctrl-D leaves the cursor behind the question
            self.screen.insist("")
        return answer.strip()

    def _unknown(self, name: str, error: ServiceError) -> Trouble:
        with self.told():
            names = [instance["name"] for instance in self.client.get_instances()["instances"]]
        remedy = did_you_mean(name, names, 3) or "skysail instances lists them"
        return Trouble(
            f"there is no instance {name}", remedy, Status.REFUSED, self.place.in_error, error.kind, error.request_id
        )


def elements(client: Client, method: str, member: str, **asked: Any) -> list[dict[str, Any]]:
    """All elements of a listing, through all pages if it has any. Raises what the client does."""
    found: list[dict[str, Any]] = []
    while True:
        answer = getattr(client, method)(**asked)
        found += answer.get(member, ())
        token = answer.get("nextPageToken")
        if not token:
            return found
        asked["pageToken"] = token


def in_turn(names: Sequence[str], act: Callable[[str], object]) -> None:
    """Do it for each. Raises CommandError at the first refusal, saying for which it had been done before."""
    for number, name in enumerate(names):
        try:
            act(name)
        except CommandError as error:
            if number == 0:
                raise
            trouble = error.trouble
            remedy = f"done before: {', '.join(names[:number])}; not done: {', '.join(names[number:])}"
            raise CommandError(
                Trouble(trouble.what, remedy, Status.PARTIAL, trouble.place, trouble.code, trouble.request_id)
            ) from error
