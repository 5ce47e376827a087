"""Wrong usage as click finds it, told in our words: what is wrong, and what was probably meant."""

from __future__ import annotations

import re

import click

from skysail.cli.failures import Status, Trouble
from skysail.telling.nearest import did_you_mean

_NO_NUMBER = re.compile(r"is not a valid (integer|float)( range)?")


def misuse(error: click.ClickException) -> Trouble:
    """What to tell of an error that click raised while it read the command line."""
    context = getattr(error, "ctx", None)
    help_line = f"{context.command_path if context else 'skysail'} --help"
    what, remedy = _told(error, context)
    return Trouble(what, remedy or help_line, Status.WRONG_USAGE)


def _told(error: click.ClickException, context: click.Context | None) -> tuple[str, str | None]:
    if isinstance(error, click.NoSuchOption):
        return f"no such option {error.option_name}", did_you_mean(error.option_name, option_names(context), 1)
    if isinstance(error, click.MissingParameter) and error.param and context:
        option = f"{error.param.opts[0]} " if isinstance(error.param, click.Option) else ""
        return f"{option}{shown_as(error.param)} is missing", None
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} {_without_name(error.message)}", None
    if isinstance(error, click.BadParameter):
        message = _NO_NUMBER.sub("is no number", _lower(error.message))
        return f"{_name_of(error)}: {message}".replace("'", "").rstrip("."), None
    return _lower(error.message).rstrip("."), None


def shown_as(parameter: click.Parameter) -> str:
    """What stands for a parameter's value. (click's own way to it has another signature in 8.1.)"""
    return parameter.metavar or parameter.type.name.upper()


def option_names(context: click.Context | None) -> list[str]:
    """The options of a command as they are typed."""
    if context is None:
        return []
    return [name for parameter in context.command.get_params(context) for name in parameter.opts if name[0] == "-"]


def _name_of(error: click.BadParameter) -> str:
    if error.param is None:
        return "wrong value"
    return error.param.opts[0] if isinstance(error.param, click.Option) else error.param.human_readable_name


def _without_name(message: str) -> str:
    """click's sentence begins with "Option '--x'"; what follows is the fault."""
    return message.rpartition("' ")[2].rstrip(".")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
