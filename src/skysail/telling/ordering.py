"""In which order a listing is shown: by any of its columns, or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from skysail.telling.columns import INSTANCES, Column, Columns, named, plain, values

Instance = Mapping[str, Any]


class Order:
    """By which columns a listing is sorted: `-age,name`, the first first; a minus turns it round.

    Raises UsageError for a column that there is not.
    """

    def __init__(self, text: str, of: Columns = INSTANCES) -> None:
        names = [name.strip() for name in text.split(",") if name.strip()]
        self._columns = [(named(name.lstrip("-+"), of), name.startswith("-")) for name in names]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(field for column, _ in self._columns for field in column.fields)

    def of(self, instances: Iterable[Instance]) -> list[Instance]:
        """Instances without a value come last either way."""
        ordered = list(instances)
        for column, turned in reversed(self._columns):
            has = [instance for instance in ordered if _key(column, instance) is not None]
            lacks = [instance for instance in ordered if _key(column, instance) is None]
            youngest_first = column.look == "age"
            has.sort(key=partial(_key, column), reverse=turned is not youngest_first)
            ordered = has + lacks
        return ordered


def _key(column: Column, instance: Instance) -> Any:
    if column.look == "tags":
        return plain(column, instance, 0.0).lower() or None
    found = next(iter(values(column, instance)), None)
    return found.lower() if isinstance(found, str) else found
