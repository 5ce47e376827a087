"""`skysail ssh`: into an instance with a key and a certificate of ten minutes, and host keys that the service knows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, act_options

if TYPE_CHECKING:
    from skysail.cli.acting import Acting, Instance

HELP = """
  skysail ssh web-1
  skysail ssh web-1 -- uptime            what is behind -- goes to ssh as it is
  skysail ssh web-1 -- -L 8080:localhost:80
  skysail ssh web-1 --keys ./keys --print         for scp, rsync and the like

  the system's ssh, with a key and a certificate that are good for minutes and
  are removed behind it, and with the host keys that Lightsail has seen; its
  exit status is ssh's

  NAME
  --print           only the command; nothing is begun
  --keys FOLDER     write key, certificate and host keys there, and leave them
  --port N          left out: 22
  --ipv6            to its IPv6 address; usual where it has no other
  --accept-new      believe the host key that is shown, where none is known yet
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""


@click.command("ssh", cls=Command, help=HELP)
@click.argument("name", metavar="NAME")
@click.argument("words", metavar="WORD", nargs=-1, type=click.UNPROCESSED)
@click.option("--print", "prints", is_flag=True)
@click.option("--keys", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--port", type=click.IntRange(1, 65535), default=22)
@click.option("--ipv6", is_flag=True)
@click.option("--accept-new", is_flag=True)
@act_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    name: str,
    words: tuple[str, ...],
    prints: bool,
    keys: Path | None,
    port: int,
    ipv6: bool,
    accept_new: bool,
) -> int:
    # Late: help needs no service model.
    from skysail.cli.acting import Acting
    from skysail.cli.ssh_session import Session, shown

    program = shutil.which("ssh", path=invocation.environ.get("PATH"))
    if program is None and not prints:
        raise wrong_usage("there is no program ssh on the PATH", "install OpenSSH's client, or look by --print")
    acting = Acting(invocation, connection)
    with acting.told():
        instance = acting.instance(name)
    address = _address(instance, acting, prefers_ipv6=ipv6)
    sources = _sources(acting, name, port)
    details = acting.do("get_instance_access_details", instanceName=name, protocol="ssh")["accessDetails"]
    is_known = bool(details.get("hostKeys"))
    if not is_known and not accept_new:
        what = f"the host keys of {name} are not known yet; the service sees them a while after the first start"
        raise CommandError(Trouble(what, "try again in a minute, or --accept-new", place=acting.place.in_error))
    session = Session(program or "ssh", details, address, port, accept_new and not is_known, words)
    if keys is not None:
        session.written(keys)
    if prints:
        acting.screen.write(f"{shown(session.command(keys or Path('KEYS')))}\n")
        acting.screen.tell(_note(keys, details))
        return Status.DONE
    if keys is not None:
        return _connected(session, keys, acting, invocation, sources)
    with tempfile.TemporaryDirectory(prefix="skysail-") as folder:  # 0700, as mkdtemp makes it
        session.written(Path(folder))
        return _connected(session, Path(folder), acting, invocation, sources)


def _connected(session: Any, folder: Path, acting: Acting, invocation: Invocation, sources: Sequence[str]) -> int:
    from skysail.caller.endpoint import is_local
    from skysail.cli.ssh_session import NO_SESSION, run
    from skysail.telling.firewall import ANYWHERE, told

    is_near = is_local(acting.client.meta.config.endpoint_url)
    if is_near:  # said before, as ssh may wait for minutes
        acting.screen.tell("a local Lightsail has no machine behind it: nobody answers at its addresses")
    status = run(session.command(folder), invocation.environ)
    if status == NO_SESSION and not is_near and not set(ANYWHERE) & set(sources):
        acting.screen.tell(f"its port {session.port} is open to {told(sources)} only: are you there?")
    return status


def _address(instance: Instance, acting: Acting, *, prefers_ipv6: bool) -> str:
    """Raises CommandError where nobody could answer there."""
    name, state = instance["name"], instance["state"]["name"]
    if instance.get("username") == "Administrator":
        remedy = f"skysail call GetInstanceAccessDetails instanceName={name} protocol=rdp"
        raise _refused(acting, f"{name} has Windows, which is reached by RDP", remedy)
    if state != "running":
        remedy = f"skysail instances start {name}" if state == "stopped" else "try again in a minute"
        raise _refused(acting, f"{name} is {state}, and nothing answers there", remedy)
    of_ipv6 = next(iter(instance.get("ipv6Addresses", ())), None)
    public = instance.get("publicIpAddress")
    found = of_ipv6 if prefers_ipv6 else public or of_ipv6
    if not found:
        kind = "IPv6" if prefers_ipv6 else "public"
        raise _refused(acting, f"{name} has no {kind} address", f"skysail instances show {name}")
    return str(found)


def _sources(acting: Acting, name: str, port: int) -> tuple[str, ...]:
    """Who may come in by that port. Raises CommandError where nobody may, or the browser's terminal alone."""
    from skysail.telling.firewall import rules_of, told

    rules = rules_of(acting.do("get_instance_port_states", instanceName=name)["portStates"])
    sources = tuple(
        source
        for rule, of_rule in rules.items()
        if rule.protocol in ("tcp", "all") and rule.first <= port <= rule.last
        for source in of_rule
    )
    if set(sources) <= {"lightsail-connect"}:
        only = f"open to {told(sources)} only, the terminal in the browser" if sources else "closed"
        raise _refused(acting, f"port {port} of {name} is {only}", f"skysail ports open {name} {port}/tcp")
    return sources


def _refused(acting: Acting, what: str, remedy: str) -> CommandError:
    return CommandError(Trouble(what, remedy, place=acting.place.in_error))


def _note(keys: Path | None, details: Mapping[str, Any]) -> str:
    if keys is None:
        return "nothing was written; --keys FOLDER writes what stands in KEYS"
    ends = details.get("expiresAt")
    if ends is None:
        return f"{keys} has what it needs"
    at = ends if isinstance(ends, datetime) else datetime.fromtimestamp(ends, UTC)
    return f"{keys} has what it needs, good until {at.astimezone(UTC):%H:%M} UTC"
