"""An instance's health checks, which an answer has only where it is asked for (`includeHealthStatus`).

Members and values from the model's documentation. Nothing ever fails here: a check is in progress for a while once the
instance runs, then passed; it does not apply to one that does not run (inferred for the time it takes).
"""

from __future__ import annotations

from typing import Any

from skysail.service.resources import Resource


def health(instance: Resource, now: float, checks_s: float) -> dict[str, Any]:
    """The members `instanceStatus` and `systemStatus` at that time."""
    status = _status(instance, now, checks_s)
    return {"instanceStatus": status, "systemStatus": status}


def _status(instance: Resource, now: float, checks_s: float) -> dict[str, Any]:
    if instance.state != "running":
        return {"status": "not-applicable", "details": []}
    if now < instance.private.get("runningSince", 0) + checks_s:
        return {"status": "initializing", "details": [{"name": "reachability", "status": "initializing"}]}
    return {"status": "ok", "details": [{"name": "reachability", "status": "passed"}]}
