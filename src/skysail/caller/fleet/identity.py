"""Which account a key belongs to, as STS's GetCallerIdentity tells it: asked only where nothing else has told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from skysail.caller.endpoint import before_path, is_local
from skysail.caller.settings import Settings
from skysail.caller.transport import Transport
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import sign

_QUESTION = b"Action=GetCallerIdentity&Version=2011-06-15"
_ACCOUNT = re.compile(rb"<Account>(\d{12})</Account>")


def account_of(settings: Settings, open_transport: Callable[[Settings], Transport], now: float) -> str | None:
    """Twelve digits; None where STS does not tell. A service on this machine is asked itself.

    Raises TransportError, and what the key's source raises.
    """
    place = settings
    if not is_local(settings.endpoint_url):
        place = replace(settings, endpoint_url=f"https://sts.{settings.signing_region}.amazonaws.com")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    question = Request("POST", f"{before_path(place.endpoint_url)}/", headers, _QUESTION)
    transport = open_transport(place)
    try:
        answer = transport.send(sign(question, settings.credentials(), settings.signing_region, "sts", now))
    finally:
        transport.close()
    found = _ACCOUNT.search(answer.body)
    return None if found is None else found[1].decode()
