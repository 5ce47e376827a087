"""Options that several commands share, and the kind of command that shows its help as it was written."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
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


class Where(NamedTuple):
    """Which places to ask: names and globs, as they were given."""

    regions: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    role_arns: tuple[str, ...] = ()
    organization_role: str | None = None
    endpoint: str | None = None

    @classmethod
    def of(cls, connection: Connection) -> Where:
        """The one place that a connection names."""
        region, profile, endpoint = connection
        return cls((region,) if region else (), (profile,) if profile else (), endpoint=endpoint)

    @property
    def one(self) -> Connection | None:
        """The one place that these are; None where they may be several."""
        names = (*self.regions, *self.profiles)
        is_several = len(self.regions) > 1 or len(self.profiles) > 1 or any(map(_is_glob, names))
        if is_several or self.role_arns or self.organization_role or "all" in self.regions:
            return None
        return Connection(next(iter(self.regions), None), next(iter(self.profiles), None), self.endpoint)


class Command(click.Command):
    """A command whose help is a text written for the screen: examples first, at most 24 lines of 80.

    A test holds the text and the options equal.
    """

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"{(self.help or '').strip(chr(10))}\n")


def connection_options(function: AnyFunction) -> AnyFunction:
    """--region, --profile and --endpoint, each at most once."""
    return _each_once(function, "--endpoint", "--profile", "--region")


def server_options(function: AnyFunction) -> AnyFunction:
    """--profile and --endpoint alone: which server, and by whose key."""
    return _each_once(function, "--endpoint", "--profile")


def act_options(function: AnyFunction) -> AnyFunction:
    """Where, given as `connection`, and how it looks: for commands that act on named things."""

    @wraps(function)
    def packed(*arguments: Any, region: str | None, profile: str | None, endpoint: str | None, **others: Any) -> Any:
        return function(*arguments, connection=Connection(region, profile, endpoint), **others)

    made: Any = packed
    return look_options(connection_options(made))  # type: ignore[no-any-return]


def _each_once(function: AnyFunction, *names: str) -> AnyFunction:
    def one(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> str | None:
        return _only_one(option.opts[-1], given)

    for name in names:
        function = click.option(name, multiple=True, callback=one, metavar=name[2:].upper())(function)
    return function


def where_options(function: AnyFunction) -> AnyFunction:
    """The options that name one place or many, given to the command as `where`."""

    def one(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> str | None:
        return _only_one(option.opts[-1], given)

    def each(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
        for value in given:
            if "," in value:
                raise wrong_usage(f"{option.opts[-1]} {value} is no name", f"write {option.opts[-1]} for each")
        return given

    @wraps(function)
    def packed(
        *arguments: Any,
        region: tuple[str, ...],
        profile: tuple[str, ...],
        role_arn: tuple[str, ...],
        org: bool,
        role_name: str | None,
        endpoint: str | None,
        **others: Any,
    ) -> Any:
        if org != (role_name is not None):
            raise wrong_usage(
                "--org and --role-name need each other", "--org --role-name ROLE: in each account, that role"
            )
        return function(*arguments, where=Where(region, profile, role_arn, role_name, endpoint), **others)

    made: Any = packed
    made = click.option("--role-name", metavar="ROLE")(made)
    made = click.option("--org", is_flag=True)(made)
    made = click.option("--endpoint", multiple=True, callback=one, metavar="ENDPOINT")(made)
    made = click.option("--role-arn", multiple=True, metavar="ARN")(made)
    made = click.option("--profile", multiple=True, callback=each, metavar="PROFILE")(made)
    made = click.option("--region", multiple=True, callback=each, metavar="REGION")(made)
    return made  # type: ignore[no-any-return]


def condition_options(function: AnyFunction) -> AnyFunction:
    """--where, as often as one likes, given to the command as `conditions`."""
    return click.option("--where", "conditions", multiple=True, metavar="CONDITION")(function)


def listing_options(function: AnyFunction) -> AnyFunction:
    """Which of what is listed, in what order and with which columns: what all listings have in common."""
    function = click.option("--fail-empty", is_flag=True)(function)
    function = click.option("--no-header", is_flag=True)(function)
    function = click.option("--columns")(function)
    function = click.option("--sort")(function)
    return condition_options(function)


def look_options(function: AnyFunction) -> AnyFunction:
    """--color, -q, -v and --debug; all are kept in the invocation, because errors look by them too."""
    color = click.Choice(["auto", "always", "never"])
    function = click.option("--color", type=color, expose_value=False, is_eager=True, callback=_keep)(function)
    for spellings in (("-v", "--verbose"), ("-q", "--quiet"), ("--debug",)):
        function = click.option(*spellings, is_flag=True, expose_value=False, is_eager=True, callback=_keep)(function)
    return function


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    invocation = context.find_object(Invocation)
    if invocation is not None and value is not None and option.name is not None:
        setattr(invocation, option.name, value)


def _is_glob(name: str) -> bool:
    return any(sign in name for sign in "*?[")


def _only_one(option: str, given: tuple[str, ...]) -> str | None:
    """A call goes to one place; another one that is asked for must not be dropped in silence."""
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
