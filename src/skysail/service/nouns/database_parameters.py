"""A database's runtime parameters: those of its engine, with the values that somebody has set.

A change is shown at once. It is in effect at once too where the parameter is dynamic and that is asked for; else when
the database begins anew (source: model; that both are needed, as in RDS, is inferred).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skysail.service.catalogue import Catalogue
from skysail.service.refusals import invalid
from skysail.service.resources import Resource

MOST_AT_ONCE = 20
"""RDS's (inferred for Lightsail)."""
IMMEDIATE, PENDING_REBOOT = "immediate", "pending-reboot"
IN_SYNC, APPLYING = "in-sync", "applying"
_RANGE = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?)-(-?[\d.]+(?:e[+-]?\d+)?)")
_NUMBERS = {"integer": re.compile(r"-?[0-9]+"), "float": re.compile(r"-?[0-9]+(\.[0-9]+)?")}
_VARIABLE = re.compile(r"\$?\{\w[^{}]*\}")
_JOINED = re.compile(r"(?:GREATEST|LEAST|SUM)\([0-9]+(?:, *[0-9]+)*\)")
_SET = ("parameterName", "parameterValue", "applyMethod")


def listed(catalogue: Catalogue, database: Resource) -> list[dict[str, Any]]:
    """All of them, by name; applyMethod is pending-reboot also for a dynamic one that nobody has set (seen)."""
    values = database.private.get("parameters", {})
    return [
        {"applyMethod": PENDING_REBOOT} | parameter | values.get(parameter["parameterName"], {})
        for parameter in _of(catalogue, database)
    ]


def checked(catalogue: Catalogue, database: Resource, wanted: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """What is to be set, by name: parameterValue and applyMethod.

    Raises InvalidInputException (texts inferred): too many, one twice, unknown or not modifiable, or a value, a method
    or what is said of the parameter does not fit.
    """
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise invalid(f"You can specify from 1 to {MOST_AT_ONCE} parameters: {len(wanted)}")
    known = {one["parameterName"]: one for one in listed(catalogue, database)}
    found: dict[str, dict[str, str]] = {}
    for one in wanted:
        name = one.get("parameterName", "")
        if name not in known:
            raise invalid(f"The parameter does not exist: {name}")
        if name in found:
            raise invalid(f"The parameter is specified more than once: {name}")
        found[name] = _checked(known[name], one)
    return found


def set_to(database: Resource, wanted: Mapping[str, Mapping[str, str]], catalogue: Catalogue) -> None:
    """Set them; being applied. The database is for the caller to save."""
    dynamic = {one["parameterName"] for one in _of(catalogue, database) if one["applyType"] == "dynamic"}
    private = database.private
    private["parameters"] = private.get("parameters", {}) | wanted
    waiting = {name for name, one in wanted.items() if one["applyMethod"] != IMMEDIATE or name not in dynamic}
    private["parametersWaiting"] = sorted({*private.get("parametersWaiting", ()), *waiting} - (wanted.keys() - waiting))
    database.document["parameterApplyStatus"] = APPLYING


def applied(database: Resource) -> None:
    """The dynamic ones are in effect; whether others wait is told. The database is for the caller to save."""
    is_waiting = bool(database.private.get("parametersWaiting"))
    database.document["parameterApplyStatus"] = PENDING_REBOOT if is_waiting else IN_SYNC


def begin_anew(database: Resource) -> None:
    """All of them are in effect. The database is for the caller to save."""
    if database.private.pop("parametersWaiting", None) is not None:
        database.document["parameterApplyStatus"] = IN_SYNC


def _of(catalogue: Catalogue, database: Resource) -> list[dict[str, Any]]:
    return catalogue.database_parameters(database.document["engine"], database.document["engineVersion"])


def _checked(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, str]:
    name = known["parameterName"]
    if not known["isModifiable"]:
        raise invalid(f"The parameter can't be modified: {name}")
    for member, value in wanted.items():
        if member not in _SET and value != known.get(member):
            raise invalid(f"The {member} of a parameter can't be changed: {name}")
    method, value = wanted.get("applyMethod", PENDING_REBOOT), wanted.get("parameterValue", known.get("parameterValue"))
    if method not in (IMMEDIATE, PENDING_REBOOT):
        raise invalid(f"The apply method must be {IMMEDIATE} or {PENDING_REBOOT}: {method}")
    if method == IMMEDIATE and known["applyType"] != "dynamic":
        raise invalid(f"The parameter can only be applied with {PENDING_REBOOT}: {name}")
    if value is None or not _fits(known, value):
        allowed = known.get("allowedValues", "any text")
        raise invalid(f"The value of the parameter {name} is not valid: {value}. Allowed values: {allowed}")
    return {"parameterValue": value, "applyMethod": method}


def _fits(known: Mapping[str, Any], value: str) -> bool:
    """Whether a value is in the range, one of those that are listed, several of them for a list, or a formula."""
    allowed = known.get("allowedValues")
    if allowed is None:
        return True
    bounds, number = _RANGE.fullmatch(allowed), _NUMBERS.get(known["dataType"])
    if bounds and number:
        if _is_formula(value):
            return True
        return bool(number.fullmatch(value)) and float(bounds[1]) <= float(value) <= float(bounds[2])
    values = value.split(",") if known["dataType"] == "list" else [value]
    return all(one in allowed.split(",") for one in values)


def _is_formula(value: str) -> bool:
    """Whether it is one in RDS's form: what stands in braces, joined with others and numbers by functions."""
    text, found = _VARIABLE.subn("0", value)
    while (shorter := _JOINED.sub("0", text)) != text:
        text = shorter
    return bool(found) and text == "0"
