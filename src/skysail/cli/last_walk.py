"""Where the last listing broke off, kept in the user's state folder for `--resume last`: its places and its token.

It has names and a token of the service, and no key. Where it cannot be written, the words on the screen still say how
to go on.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Where


def state_folder(invocation: Invocation) -> Path | None:
    """What the XDG rules name; None where there is no home."""
    environ = invocation.environ
    named = environ.get("XDG_STATE_HOME")
    if named:
        return Path(named) / "skysail"
    return Path(environ["HOME"]) / ".local" / "state" / "skysail" if environ.get("HOME") else None


def keep(invocation: Invocation, where: Where, token: str | None) -> bool:
    """Remember where a listing broke off, and tell whether that could be done; without a token nothing goes on."""
    folder = state_folder(invocation)
    if token is None or folder is None:
        return False
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = folder / f"last-walk.{os.getpid()}"
        beside.write_text(json.dumps({"where": where._asdict(), "token": token}))
        beside.replace(folder / "last-walk.json")
        return True
    return False


def resumed(invocation: Invocation, where: Where, starting_token: str | None) -> tuple[Where, str]:
    """The places and the token of the last listing that broke off. Raises CommandError where there is none."""
    if starting_token is not None:
        raise wrong_usage("--resume last has a token of its own", "leave out --starting-token")
    folder = state_folder(invocation)
    try:
        found: dict[str, Any] = json.loads((folder / "last-walk.json").read_text()) if folder else {}
        kept, token = found["where"], str(found["token"])
        before = Where(
            tuple(kept["regions"]),
            tuple(kept["profiles"]),
            tuple(kept["role_arns"]),
            kept["organization_role"],
            kept["endpoint"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise wrong_usage("no listing has broken off here", "leave out --resume") from error
    if where not in (Where(), before):
        raise wrong_usage("--resume last goes on in its own places", "leave out --region, --profile and --endpoint")
    return before, token
