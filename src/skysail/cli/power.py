"""Starting, stopping and rebooting instances: one command, three verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from skysail.cli.acting import Acting, Instance, can_ask, in_turn
from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import AnyFunction, Command, Connection, act_options, condition_options
from skysail.cli.sifting import condition_of, state_of
from skysail.telling.consequences import indented


def power_options(function: AnyFunction) -> AnyFunction:
    """Which instances, whether to ask, whether to wait, and where."""
    function = click.option("--wait/--no-wait", default=None)(act_options(function))
    return click.argument("names", metavar="NAME", nargs=-1)(condition_options(function))


def chosen(acting: Acting, names: Sequence[str], conditions: Sequence[str]) -> list[Instance]:
    """The named instances, or those that fit. Raises CommandError where that is none."""
    if bool(names) == bool(conditions):
        raise wrong_usage("which instances?", "names, or --where CONDITION")
    if names:
        return acting.instances(names)
    fits = [condition_of(text) for text in conditions]
    found = acting.every("get_instances", "instances")
    return [instance for instance in found if all(fit(instance) for fit in fits)]


def overview(instances: Sequence[Instance]) -> str:
    """A line each, so that one sees what a --where has found."""
    width = max(len(instance["name"]) for instance in instances)
    lines = [
        f"  {instance['name']:{width}}  {state_of(instance):8}  {instance.get('publicIpAddress', '-')}"
        for instance in instances
    ]
    return "\n".join(lines)


def power_command(
    verb: str, help: str, *, ends: str, warn: Callable[[Instance], list[str]] | None = None
) -> click.Command:
    """`skysail instances VERB`. `ends` is the state to wait for; with `warn`, that is said beforehand, and it asks."""

    @click.command(verb, cls=Command, help=help)
    @power_options
    @click.pass_obj
    def command(
        invocation: Invocation,
        connection: Connection,
        names: tuple[str, ...],
        conditions: tuple[str, ...],
        wait: bool | None,
        yes: bool = True,
    ) -> int:
        return _done(invocation, connection, names, conditions, verb, ends, wait, yes, warn)

    return command if warn is None else click.option("--yes", "-y", is_flag=True)(command)


def _done(
    invocation: Invocation,
    connection: Connection,
    names: Sequence[str],
    conditions: Sequence[str],
    verb: str,
    ends: str,
    wait: bool | None,
    yes: bool,
    warn: Callable[[Instance], list[str]] | None,
) -> int:
    """Do it to each; gives the exit status."""
    acting = Acting(invocation, connection)
    found = chosen(acting, names, conditions)
    if not found:
        acting.screen.tell(f"nothing: no instance fits in {acting.place.in_summary}")
        return Status.DONE
    if warn is not None:
        for instance in found if len(found) <= 3 else ():
            acting.screen.tell(indented(warn(instance)))
        if len(found) > 3:
            acting.screen.tell(f"{overview(found)}\n{warn_all(verb)}")
        which = "it" if len(found) == 1 else f"these {len(found)}"
        acting.confirm(f"{verb.capitalize()} {which}?", yes=yes, act=verb)
    began = acting.now()
    all_names = [instance["name"] for instance in found]
    in_turn(all_names, lambda name: acting.do(f"{verb}_instance", instanceName=name))
    if wait is None:
        wait = can_ask()
    if not wait:
        acting.screen.tell(f"{verb} was begun: {', '.join(all_names)}   {acting.place.in_summary}")
        return Status.DONE
    for instance in acting.wait(all_names, ends, began):
        told = f"{instance['name']}: {ends}, {acting.now() - began:.0f} s"
        acting.screen.tell(f"{told}   {instance.get('publicIpAddress') or 'without an address'}")
    return Status.DONE


def warn_all(verb: str) -> str:
    """What holds for many at once."""
    if verb == "stop":
        return "Dynamic addresses will change, static ones stay; all stay billed."
    return "All that runs on them is cut off; their addresses stay."
