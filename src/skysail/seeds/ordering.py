"""One call that a seed asks for, and the item that asks."""

from __future__ import annotations

from typing import Any, NamedTuple

from skysail.errors import SeedError, UsageError
from skysail.seeds.checking import Sown
from skysail.seeds.format import Alarm
from skysail.service.clock import seconds


class Order(NamedTuple):
    """One call, `age_s` seconds before now."""

    age_s: float
    region: str
    operation: str
    members: dict[str, Any]
    where: str


class At(NamedTuple):
    """An item's place in a seed, and orders for it."""

    sown: Sown
    region: str
    path: tuple[str | int, ...] = ()

    def item(self, *path: str | int) -> At:
        return self._replace(path=path)

    def zone(self, name: str) -> str:
        return name if name.startswith(self.region) else f"{self.region}{name}"

    def order(self, age_s: float, operation: str, /, **members: Any) -> Order:
        given = {name: value for name, value in members.items() if value not in (None, [])}
        return Order(age_s, self.region, operation, given, self.where)

    @property
    def where(self) -> str:
        return self.sown.where("regions", self.region, *self.path)

    def age(self, text: str) -> float:
        """Seconds. Raises SeedError."""
        try:
            return seconds(text)
        except UsageError as error:
            raise SeedError(f"{self.where}: age: {error}") from None

    def ages(self, text: str, count: int) -> list[float]:
        """One for each of `count`, the oldest first. Raises SeedError."""
        oldest, _, newest = text.partition("..")
        first = self.age(oldest)
        last = self.age(newest) if newest else first
        if last > first:
            raise SeedError(f"{self.where}: age: {text} goes from the oldest to the newest: {newest}..{oldest}")
        return [first - (first - last) * place / max(count - 1, 1) for place in range(count)]

    def since(self, of_age_s: float, age: str, snapshot: str, of: str) -> float:
        """A snapshot's age in seconds. Raises SeedError: it is older than what it is of."""
        age_s = self.age(age)
        if age_s > of_age_s:
            raise SeedError(f"{self.where}: the snapshot {snapshot} is older than {of}, of which it is")
        return age_s

    def alarm(self, age_s: float, alarm: Alarm, name: str, on: str) -> Order:
        return self.order(
            age_s,
            "PutAlarm",
            alarmName=name,
            monitoredResourceName=on,
            metricName=alarm.metric,
            comparisonOperator=alarm.comparison,
            threshold=alarm.threshold,
            evaluationPeriods=alarm.periods,
        )


def tags_of(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} if value else {"key": key} for key, value in tags.items()]
