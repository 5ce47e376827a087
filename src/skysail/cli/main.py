"""The command `skysail`: finds the command by name, loads its module, and tells whatever goes wrong in one line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from skysail.cli.commands import (
    COMMANDS,
    NOUNS,
    as_options,
    asked_colour,
    asks_for_json,
    asks_for_more,
    command_first,
    verbs_of,
)
from skysail.cli.failures import CommandError, Status, Trouble, as_json, as_line, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.misuse import misuse
from skysail.cli.screen import Screen, be_silent
from skysail.telling.nearest import did_you_mean, spoken
from skysail.version import VERSION

HELP = """
  skysail demo                          a look at everything, without an account
  skysail instances --region us-east-1  what is there
  skysail serve --data fleet.db         a Lightsail of your own, on a port

instances  list them: table, JSON, CSV, your columns; in one place, or in all
instances show|create|start|stop|reboot|delete    one by name, or several
ssh, ports, metrics    of an instance
disks, snapshots, static-ips, databases, ..   of every kind: skysail list
bundles, blueprints, regions    what there is to order, and where
call       any operation of the API;  token: what a NextToken says
serve      a local service that answers like Lightsail, on a port
clock, faults, calls, pages, reset    of such a server: its time, its failures,
           what it was asked and what was left unread; begin anew
seed       a fleet that is written down, into a local store; or one made up
export     the way back: a seed of what is there; JSON, Terraform, Parquet
mirror     a real account, into a local store: it only reads
diff       what differs between two stores, or a store and an account
import     what `aws lightsail get-instances` printed, into a local store
operations which operations of the API a local service has
check      whether a store is whole;  doctor: profiles, regions, policy, clock
completion in bash, zsh and fish;  demo: all this in twenty seconds, in memory

Each has --help with examples; all take --color auto|always|never and --debug;
--region, --profile, --endpoint stand before or behind. skysail --version
"""

_CLOSED_PIPE = 141
"""What a shell makes of a program that SIGPIPE ended."""


_MEANT = {
    **dict.fromkeys(("list", "ls"), "skysail instances lists them"),
    **dict.fromkeys(("get", "describe", "info"), "did you mean show?"),
}
"""As other tools call it."""


class Root(click.Group):
    """The commands, each loaded when it is called by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            raise wrong_usage(
                f"no such command {args[0]}", did_you_mean(args[0], [*COMMANDS, *NOUNS], 1) or "skysail --help"
            )
        verbs = verbs_of(args[0])
        if args[0] == "instances" and args[1:] and not args[1].startswith("-"):
            what = f"instances: no such verb {args[1]}"
            meant = _MEANT.get(args[1]) or did_you_mean(args[1], verbs, 1)
            raise wrong_usage(what, meant or f"there are {spoken(verbs, 'and')}")
        if args[0] == "list" and args[1:2] and args[1] in NOUNS and args[2:] and not args[2].startswith("-"):
            what = f"{args[1]}: no such verb {args[2]}"
            raise wrong_usage(what, f"skysail {args[1]} lists them; for all else: skysail call --help")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, command_first(args))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write(f"{HELP.strip(chr(10))}\n")


@click.command(cls=Root, no_args_is_help=False, invoke_without_command=True)
@click.option("--version", is_flag=True)
@click.pass_context
def root(context: click.Context, version: bool) -> None:
    if version:
        click.echo(f"skysail {VERSION}")
    elif context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None, invocation: Invocation | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit status.

    `invocation` brings another clock, service or environment; its arguments are set here.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given, invocation or Invocation()))


def run(arguments: list[str], invocation: Invocation) -> int:
    """Run the command line; gives the exit status. Whatever went wrong has been told."""
    invocation.arguments = arguments
    invocation.is_json = asks_for_json(arguments)
    invocation.verbose = asks_for_more(arguments)
    invocation.color = asked_colour(arguments) or invocation.color
    try:
        words = as_options(arguments)
        with root.make_context("skysail", words, obj=invocation, help_option_names=["--help", "-h"]) as context:
            return root.invoke(context) or Status.DONE
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return Status.INTERRUPTED
    except KeyboardInterrupt:
        Screen(invocation).end_progress()
        return Status.INTERRUPTED
    except BrokenPipeError:
        be_silent(sys.stdout)
        return _CLOSED_PIPE
    except CommandError as error:
        return _tell(error.trouble, invocation)
    except click.ClickException as error:
        return _tell(misuse(error), invocation)
    except Exception as error:  # the outermost boundary: whatever it is, it is told in one line
        # Late: the classes of all errors are not needed where there is none.
        from skysail.cli.explanations import explained

        return _tell(explained(error), invocation)


def _tell(trouble: Trouble, invocation: Invocation) -> Status:
    screen = Screen(invocation)
    if invocation.debug:
        traceback.print_exc()
    if invocation.is_json:
        screen.insist(as_json(trouble))
    else:
        screen.insist(as_line(trouble, colour=screen.error_has_colour, verbose=invocation.verbose))
    return trouble.status
