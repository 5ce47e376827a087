"""Options that several commands share, and the kind of command that shows its help as it was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from skysail.cli.failures import CommandError, wrong_usage
from skysail.cli.invocation import Invocation

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class Connection(NamedTuple):
    """Which service to ask, and as whom; None leaves it to the environment and the profile."""

    region: str | None
    profile: str | None
    endpoint: str | None


class Command(click.Command):
    """A command whose help is a text written for the screen: examples first, at most 24 lines of 80.

    A test holds the text and the options equal.
    """

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"{(self.help or '').strip(chr(10))}\n")


def connection_options(function: AnyFunction) -> AnyFunction:
    """--region, --profile and --endpoint, given to the command as `connection`."""

    def one(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> str | None:
        return _only_one(option.opts[-1], given)

    for name in ("--endpoint", "--profile", "--region"):
        function = click.option(name, multiple=True, callback=one, metavar=name[2:].upper())(function)
    return function


def look_options(function: AnyFunction) -> AnyFunction:
    """--color and --debug; both are kept in the invocation, because errors look by them too."""
    color = click.Choice(["auto", "always", "never"])
    function = click.option("--color", type=color, expose_value=False, is_eager=True, callback=_keep)(function)
    return click.option("--debug", is_flag=True, expose_value=False, is_eager=True, callback=_keep)(function)


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    invocation = context.find_object(Invocation)
    if invocation is not None and value is not None and option.name is not None:
        setattr(invocation, option.name, value)


def _only_one(option: str, given: tuple[str, ...]) -> str | None:
    """Several places in one call are for later; one that is asked for now must not be dropped in silence."""
    if len(given) > 1:
        raise _one_at_a_time(f"{option} was given {len(given)} times", option)
    if not given:
        return None
    (value,) = given
    if option != "--endpoint" and (value == "all" or any(sign in value for sign in "*?,")):
        raise _one_at_a_time(f"{option} {value} names more than one", option)
    return value


def _one_at_a_time(what: str, option: str) -> CommandError:
    return wrong_usage(f"{what}, and this version looks at one at a time", f"call it once for each {option[2:]}")
