"""`skysail token`: what a NextToken or StartingToken says, in words; and keys that are new, for `serve --auth`."""

from __future__ import annotations

import json
from typing import Any

import click

from skysail.cli.failures import CommandError, Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.world import World

HELP = """
  skysail token eyJwYWdlVG9rZW4iOiAiYWJjIiwgImJvdG9fdHJ1bmNhdGVfYW1vdW50IjogM30=
  skysail token new --account 111122223333 > keys.toml
  skysail token new --account 111122223333 --access read >> keys.toml

what
  TEXT              a NextToken or StartingToken of skysail, boto3 or the
                    AWS CLI, or the one token of a walk over many places
  new               a new key for skysail serve --auth keys.toml

It asks nobody: what the service's own page token means, only the service
knows. No secret ever stands in a token of a listing.

of a new key
  --account N       whose it is; else account 123456789012
  --access full|read   all operations, or those that change nothing
  --admin           clock, faults and calls as well

how it looks
  -q  -v  --color auto|always|never  --debug
"""


@click.command("token", cls=Command, help=HELP)
@click.argument("text", metavar="TEXT")
@click.option("--account", metavar="N")
@click.option("--access", type=click.Choice(["full", "read"]))
@click.option("--admin", is_flag=True)
@look_options
@click.pass_obj
def command(invocation: Invocation, text: str, account: str | None, access: str | None, admin: bool) -> int:
    screen = Screen(invocation)
    if text == "new":
        key = new_key(invocation.world, account or _USUAL_ACCOUNT, access or "full", is_admin=admin)
        screen.write(key)
        screen.tell("a key and its secret: keep the file to yourself (chmod 600); skysail serve --auth FILE lets it in")
        return Status.DONE
    if account or access or admin:
        raise wrong_usage("--account, --access and --admin are a new key's", "skysail token new --account 111122223333")
    screen.write("".join(f"{line}\n" for line in told(text.strip())))
    return Status.DONE


_USUAL_ACCOUNT = "123456789012"


def new_key(world: World, account: str, access: str, *, is_admin: bool) -> str:
    """A table of the file that `skysail serve --auth` reads; its secret has 244 bits of chance. Raises CommandError."""
    # Late: help needs none of it.
    from base64 import b32encode, b64encode
    from hashlib import sha256
    from uuid import UUID

    if not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise wrong_usage(f"--account {account} is not 12 digits", "such as 111122223333")
    name = b32encode(UUID(world.new_id()).bytes)[:16].decode()
    secret = b64encode(sha256(f"{world.new_id()}{world.new_id()}".encode()).digest()).decode().rstrip("=")
    lines = ["[[keys]]", f'access_key_id = "SKYS{name}"', f'secret_access_key = "{secret}"', f'account = "{account}"']
    lines += ['access = "read"'] if access == "read" else []
    lines += ["admin = true"] if is_admin else []
    return "\n".join([*lines, "", ""])


def told(text: str) -> list[str]:
    """What a token says, a line a place or value. Raises CommandError for what is none that is known."""
    # Late: help needs none of it.
    from skysail.caller.fleet.token import MARK, readable
    from skysail.errors import UsageError

    try:
        document = readable(text)
    except UsageError as error:
        raise _unknown() from error
    if not isinstance(document, dict):
        raise _unknown()
    return _of_fleet(text) if MARK in document else _of_listing(document)


def is_fleets(text: str) -> bool:
    """Whether it is the token of a walk over many places."""
    # Late, as above.
    from skysail.caller.fleet.token import MARK, readable
    from skysail.errors import UsageError

    try:
        document = readable(text)
    except UsageError:
        return False
    return isinstance(document, dict) and MARK in document


def _of_fleet(text: str) -> list[str]:
    from skysail.caller.fleet.token import FleetState

    state = FleetState.of_token(text)
    done = sum(position == "done" for position in state.positions.values())
    with_arguments = f" with {json.dumps(dict(state.arguments))}" if state.arguments else ""
    places = len(state.positions)
    lines = [
        f"a walk over {places:,} places: {state.operation}{with_arguments}, {done:,} done, {places - done:,} missing"
    ]
    left = {str(place): position for place, position in state.positions.items() if position != "done"}
    width = max(map(len, left), default=0)
    return lines + [f"  {name:{width}}  {_position(position)}" for name, position in left.items()]


def _of_listing(document: dict[str, Any]) -> list[str]:
    from skysail.caller.tokens import AMOUNT
    from skysail.protocol.model import service_model

    model = service_model()
    rules = [rule for name in model if (rule := model.operation(name).paging) is not None]
    known = {AMOUNT, *(name for rule in rules for name in rule.input_tokens)}
    if not document or document.keys() - known:
        raise _unknown()
    return ["one listing, in the form of boto3 and the AWS CLI; it goes on", f"  {_position(document)}"]


def _position(position: Any) -> str:
    """from page token abc, behind the first 3 items there"""
    from skysail.caller.tokens import AMOUNT

    values = {name: value for name, value in (position or {}).items() if name != AMOUNT and value is not None}
    at = ", ".join(f"{name} {value}" for name, value in values.items())
    amount = (position or {}).get(AMOUNT, 0)
    items = f", behind the first {amount} item{'' if amount == 1 else 's'} there" if amount else ""
    return f"{f'at {at}' if at else 'at the beginning'}{items}"


def _unknown() -> CommandError:
    return wrong_usage(
        "this is no token of a listing, or not the whole of one",
        "the NextToken of an answer of skysail, boto3 or the AWS CLI; a nextPageToken is the service's own",
    )
