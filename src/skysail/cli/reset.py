"""`skysail reset`: have a local server forget everything, after a question."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options, server_options
from skysail.cli.screen import Screen
from skysail.cli.summary import instances

HELP = """
  skysail reset                            asks, and forgets everything
  skysail reset --yes                      for scripts
  skysail reset --account 111122223333     of one account

forgets all resources, their journal and what was still to come, faults and
calls. The clock stays as it is, and so do faults and calls where --account
names one. What is forgotten is gone, also from a store in a file or database.

what
  --account N       12 digits; else all of them
  --yes             do not ask; needed where nobody can be asked

which server
  --endpoint URL    else SKYSAIL_ENDPOINT, AWS_ENDPOINT_URL_LIGHTSAIL, else
                    http://127.0.0.1:4570
  --profile NAME    whose key is an admin's, where the server lists keys

how it looks
  -q  -v  --color auto|always|never  --debug
"""


@click.command("reset", cls=Command, help=HELP)
@click.option("--account", metavar="N")
@click.option("--yes", is_flag=True)
@server_options
@look_options
@click.pass_obj
def command(invocation: Invocation, account: str | None, yes: bool, profile: str | None, endpoint: str | None) -> int:
    if not yes and not sys.stdin.isatty():
        raise wrong_usage("reset forgets everything, and nobody can be asked", "skysail reset --yes")
    handle = invocation.administer(profile_name=profile, endpoint_url=endpoint)
    screen = Screen(invocation)
    if not yes:
        screen.insist(question(handle.endpoint_url, handle.health(), account))
        if not click.confirm("Forget it?", err=True):
            screen.insist("nothing was changed")
            return Status.DONE
    handle.reset(account)
    screen.tell(f"{handle.endpoint_url}: {'everything' if account is None else f'account {account}'} is forgotten")
    return Status.DONE


def question(url: str, health: Mapping[str, Any], account: str | None) -> str:
    """What would be forgotten. Health says what there is in all, to those who may know."""
    held = f" ({health['store']}, {instances(health['instances'])})" if "store" in health else ""
    what = "everything in it" if account is None else f"all of account {account}"
    return f"{url}{held}: {what} would be forgotten. This can't be undone."
