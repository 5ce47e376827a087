"""Conditions and orders: which instances of a listing are shown, and which comes first.

A condition is a column or member path, a sign, and a value: `state=running`, `tag:role=web`, `name=web-*`,
`ram>=2`, `networking.ports.fromPort=8000`, `tag:env` (there is one), `key!=old`. Of a list it is enough that one fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from skysail.cli.failures import wrong_usage
from skysail.cli.outputs import Instances, Output
from skysail.telling.columns import INSTANCES, Columns, named, values
from skysail.telling.ordering import Order

Instance = Mapping[str, Any]

_CONDITION = re.compile(r"(?P<what>[^=!<>]+?)(?P<sign>!=|>=|<=|=|>|<)(?P<value>.*)", re.DOTALL)
STATES = ("pending", "running", "stopping", "stopped")


class Comparison:
    """What stands behind a column's name in a condition. Called with the values of that column, it tells whether one
    fits. Without a sign it is enough that there is one.
    """

    def __init__(self, text: str) -> None:
        found = _CONDITION.fullmatch(text)
        self.what, self.sign, self._value = (found["what"], found["sign"], found["value"]) if found else (text, "", "")
        self._is_number = self.sign in ("<", ">", "<=", ">=")
        if self._is_number and _number(self._value) is None:
            raise wrong_usage(f"--where {text}: {self._value or 'nothing'} is no number")

    def __call__(self, found: Sequence[Any]) -> bool:
        if not self.sign:
            return bool(found)
        if self._is_number:
            limit = _number(self._value) or 0.0
            return any(_compares(number, self.sign, limit) for number in map(_number, found) if number is not None)
        fits = any(fnmatchcase(_text(value).lower(), self._value.lower()) for value in found or [""])
        return fits is (self.sign == "=")


class Condition:
    """Called with an instance it tells whether that fits."""

    def __init__(self, text: str, of: Columns = INSTANCES) -> None:
        self.text = text
        self.fields: tuple[str, ...]
        self._compares = Comparison(text)
        what = self._compares.what
        if what.startswith("tag:"):
            self._of: Callable[[Instance], list[Any]] = _tags(what.removeprefix("tag:"))
            self.fields = ("tags.key", "tags.value")
        elif not self._compares.sign:
            raise wrong_usage(
                f"--where {text} is no condition", "such as state=running, tag:role=web, ram>=2, name=web-*"
            )
        else:
            column = named(what, of)
            self._of = lambda instance: list(values(column, instance))
            self.fields = column.fields

    def __call__(self, instance: Instance) -> bool:
        return self._compares(self._of(instance))


def condition_of(text: str) -> Condition:
    """Raises CommandError."""
    return Condition(text)


class Sifted:
    """An output that gets only what fits, and in order; sorted, it comes whole at the end or not at all."""

    def __init__(self, output: Output, conditions: Sequence[Condition], order: Order | None) -> None:
        self._output = output
        self._conditions = conditions
        self._order = order
        self.goes_on = output.goes_on and order is None

    @property
    def hidden(self) -> Sequence[str]:
        return self._output.hidden

    def take(
        self, pages: Iterable[Instances], delivered: Callable[[Instances], None], token: Callable[[], str | None]
    ) -> None:
        self._output.take(self._sifted(pages, delivered), delivered if self._order is None else _nothing, token)

    def _sifted(self, pages: Iterable[Instances], delivered: Callable[[Instances], None]) -> Iterator[Instances]:
        kept: list[Instance] = []
        for page in pages:
            fitting = [instance for instance in page if all(fits(instance) for fits in self._conditions)]
            if self._order is None:
                yield fitting
            else:
                kept += fitting
                delivered(fitting)
        if self._order is not None:
            yield self._order.of(kept)


def state_of(instance: Instance) -> str:
    return str(instance.get("state", {}).get("name", "unknown"))


def state_hint(conditions: Iterable[Condition]) -> str | None:
    """What to say where nothing fits a state that there is not."""
    for condition in conditions:
        what, _, value = condition.text.partition("=")
        if what.lower() in ("state", "state.name") and value.lower() not in STATES and not set("*?[") & set(value):
            return f"states are {', '.join(STATES)}"
    return None


def _nothing(_: Instances) -> None:
    """Sorted pages were counted as they came."""


def _tags(key: str) -> Callable[[Instance], list[Any]]:
    return lambda instance: [tag.get("value", "") for tag in instance.get("tags", ()) if tag.get("key") == key]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _compares(number: float, sign: str, limit: float) -> bool:
    if sign.startswith("<"):
        return number < limit or (sign == "<=" and number == limit)
    return number > limit or (sign == ">=" and number == limit)
