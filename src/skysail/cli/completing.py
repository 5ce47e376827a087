"""What may stand where the cursor is: commands, options, and their values, without a call over the network.

A shell hands over the words before the cursor and the piece of a word at it. What click knows of a command (its
options, choices, arguments) is asked of click; the rest are names from the catalogue, profiles and the last listing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from skysail.cli.commands import BEFORE_THE_COMMAND, COMMANDS, NOUNS, verbs_of
from skysail.cli.misuse import shown_as

FILES = ":files"
"""In the place of candidates: the shell's own completion of files."""


class Completion:
    """What fits in the surroundings of `environ`, at the time `now`."""

    def __init__(self, environ: Mapping[str, str], now: float) -> None:
        self._environ = environ
        self._now = now

    def candidates(self, words: Sequence[str], piece: str) -> list[str]:
        """Whole words that begin with `piece`, or `FILES` alone. `words` are those before it."""
        at, given = self._leading(words)
        pending = next((name for name in reversed(given) if given[name] is None), None)
        if pending is not None:
            return self._fitting(self._values(pending, None, given, []), piece)
        rest = [*(["list"] if words[at:] and words[at] in NOUNS else []), *words[at:]]
        nouns = [*dict.fromkeys(name.partition(" ")[0] for name in COMMANDS), *NOUNS]
        if not rest:
            return self._fitting([*BEFORE_THE_COMMAND, "--help", "--version"] if piece[:1] == "-" else nouns, piece)
        if rest[0] not in nouns:
            return []
        verbs = verbs_of(rest[0])
        name, rest = (f"{rest[0]} {rest[1]}", rest[2:]) if rest[1:2] and rest[1] in verbs else (rest[0], rest[1:])
        found = self._of_command(name, rest, piece, given)
        if verbs and not rest and " " not in name and piece[:1] != "-":
            found = self._fitting(verbs, piece) + found
        return found

    def _leading(self, words: Sequence[str]) -> tuple[int, dict[str, str | None]]:
        """Where the command's name is, and the options before it; one that still wants its value has None."""
        at, given = 0, dict[str, str | None]()
        while at < len(words) and words[at].partition("=")[0] in BEFORE_THE_COMMAND:
            name, has_value, value = words[at].partition("=")
            takes = 1 if has_value else BEFORE_THE_COMMAND[name]
            given[name] = value if has_value else "" if takes == 1 else words[at + 1] if at + 1 < len(words) else None
            at += takes
        return min(at, len(words)), given

    def _of_command(self, name: str, words: Sequence[str], piece: str, given: dict[str, str | None]) -> list[str]:
        command: click.Command = import_module(COMMANDS[name]).command
        options = {spelling: one for one in command.params for spelling in (*one.opts, *one.secondary_opts)}
        places: list[str] = []
        pending: str | None = None
        is_past_options = False
        for word in words:
            spelling, has_value, value = word.partition("=")
            if pending is not None:
                given[pending], pending = word, None
            elif word == "--" and not is_past_options:
                is_past_options = True
            elif word.startswith("-") and not is_past_options:
                option = options.get(spelling)
                takes = isinstance(option, click.Option) and not option.is_flag
                given[spelling] = value
                pending = spelling if takes and not has_value else None
            else:
                places.append(word)
        if pending in ("--columns", "--sort"):
            return _listed(_columns(name), piece)
        if pending is not None:
            return self._fitting(self._values(pending, options[pending], given, places), piece)
        if piece.startswith("-") and not is_past_options:
            spelling, has_value, value = piece.partition("=")
            if has_value and spelling in options:
                values = self._values(spelling, options[spelling], given, places)
                return values if values == [FILES] else self._fitting([f"{spelling}={one}" for one in values], piece)
            return self._fitting([*options, "--help"], piece) if not has_value else []
        return self._fitting(self._of_place(name, command, places, given), piece)

    def _of_place(
        self, name: str, command: click.Command, places: Sequence[str], given: Mapping[str, str | None]
    ) -> list[str]:
        """Values for the next argument that is no option."""
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        for number, argument in enumerate(arguments):
            if number == len(places) or (argument.nargs == -1 and number <= len(places)):
                return self._of_argument(name, argument, places, given)
        return []

    def _of_argument(
        self, command: str, argument: click.Argument, places: Sequence[str], given: Mapping[str, str | None]
    ) -> list[str]:
        what = shown_as(argument)
        if isinstance(argument.type, click.Choice):
            return [str(choice) for choice in argument.type.choices]
        if what.startswith("NAME") and command != "instances create":
            return [name for name in self._instances(given) if name not in places]
        if what.startswith("Operation"):
            from skysail.service.families.index import OPERATIONS

            return list(OPERATIONS)
        return [FILES] if isinstance(argument.type, click.Path) or "FILE" in what else []

    def _values(
        self, spelling: str, option: click.Parameter | None, given: Mapping[str, str | None], places: Sequence[str]
    ) -> list[str]:
        """Of an option."""
        if spelling in _SOURCES:
            return _SOURCES[spelling](self, given)
        if isinstance(option, click.Option) and isinstance(option.type, click.Choice):
            return [str(choice) for choice in option.type.choices]
        is_file = isinstance(option, click.Option) and "FILE" in (option.metavar or "")
        return [FILES] if is_file or (option is not None and isinstance(option.type, click.Path)) else []

    def _fitting(self, found: Iterable[str], piece: str) -> list[str]:
        return [one for one in dict.fromkeys(found) if one.startswith(piece) or one == FILES]

    # --- where values come from ---------------------------------------------------------------------------

    def _profiles(self, given: Mapping[str, str | None]) -> list[str]:
        from skysail.caller.profile import profile_names

        return profile_names(self._environ)

    def _regions(self, given: Mapping[str, str | None]) -> list[str]:
        return [region["name"] for region in _catalogue().regions(zones=False, database_zones=False)] + ["all"]

    def _zones(self, given: Mapping[str, str | None]) -> list[str]:
        region = self._region(given)
        return _catalogue().zones(region) if _catalogue().is_region(region) else []

    def _bundles(self, given: Mapping[str, str | None]) -> list[str]:
        return [one["bundleId"] for one in _catalogue().bundles(self._region(given)) if one["isActive"]]

    def _blueprints(self, given: Mapping[str, str | None]) -> list[str]:
        return [one["blueprintId"] for one in _catalogue().blueprints() if one["isActive"]]

    def _metrics(self, given: Mapping[str, str | None]) -> list[str]:
        from skysail.service.nouns.instance_metrics import METRICS

        return list(METRICS)

    def _instances(self, given: Mapping[str, str | None]) -> list[str]:
        """From the last listing with the same profile, region and endpoint."""
        from skysail.cli.known_names import known_names, shelf_of

        shelf = shelf_of(given.get("--profile"), self._region(given), given.get("--endpoint"), self._environ)
        return known_names(shelf, self._environ, self._now)

    def _region(self, given: Mapping[str, str | None]) -> str:
        return given.get("--region") or self._profile(given).setting("AWS_DEFAULT_REGION", "region") or "us-east-1"

    def _profile(self, given: Mapping[str, str | None]) -> Any:
        from skysail.caller.profile import Profile

        return Profile.read(given.get("--profile"), self._environ)


def _columns(command: str) -> list[str]:
    """The names of a listing's columns; of instances the short ones, of which there are more than are usual."""
    if command == "instances":
        from skysail.telling.columns import SHORT_NAMES

        return list(SHORT_NAMES)
    return [name.lower() for name in getattr(import_module(COMMANDS[command]), "COLUMNS", ())]


def _listed(names: Sequence[str], piece: str) -> list[str]:
    """The last of several with commas between; a sign before it stays."""
    before, comma, last = piece.rpartition(",")
    sign = last[:1] if last[:1] in ("+", "-") else ""
    known = before.split(",")
    return [
        f"{before}{comma}{sign}{name}" for name in names if name.startswith(last[len(sign) :]) and name not in known
    ]


def _endpoints(completion: Completion, given: Mapping[str, str | None]) -> list[str]:
    return ["demo", "local:", "http://127.0.0.1:4570"]


def _colours(completion: Completion, given: Mapping[str, str | None]) -> list[str]:
    return ["auto", "always", "never"]


_SOURCES: dict[str, Callable[[Completion, Mapping[str, str | None]], list[str]]] = {
    "--profile": Completion._profiles,
    "--region": Completion._regions,
    "--zone": Completion._zones,
    "--bundle": Completion._bundles,
    "--blueprint": Completion._blueprints,
    "--metric": Completion._metrics,
    "--endpoint": _endpoints,
    "--color": _colours,
}


def _catalogue() -> Any:
    from skysail.telling.prices import catalogue

    return catalogue()


def rejoined(words: Sequence[str]) -> list[str]:
    """bash's words made whole again: it breaks them at `=` and `:` too."""
    whole: list[str] = []
    joins = False
    for word in words:
        if whole and (joins or word in ("=", ":", "::")):
            whole[-1] += word
            joins = word in ("=", ":", "::")
        else:
            whole.append(word)
            joins = False
    return whole
