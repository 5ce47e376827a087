"""unittest: a Lightsail of its own for each test of a class."""

from __future__ import annotations

import unittest
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from skysail.mocking.all_pages import habit, must_be_read
from skysail.testing.under_test import ClientUnderTest, under_test

if TYPE_CHECKING:
    from unittest import TestCase as _Case
else:
    _Case = object


class LightsailMixin(_Case):
    """`class FleetTest(LightsailMixin, unittest.TestCase)`: `self.lightsail` is a client on a new mock, from before
    `setUp` to after the last cleanup. For IsolatedAsyncioTestCase too.

    `lightsail_options` are `skysail.mock()`'s; with `all_pages` a test fails that left pages unread.
    """

    lightsail: ClientUnderTest
    lightsail_options: ClassVar[Mapping[str, Any]] = {}

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        """A test with a Lightsail around it, from before `setUp` to after the last cleanup."""
        with under_test(None, self.lightsail_options) as self.lightsail:
            if self.lightsail_options.get("all_pages", habit.all_pages):
                self.addCleanup(self._read_all_pages, result, _failed(result))  # the first to be added is done last
            return super().run(result)

    def _read_all_pages(self, result: unittest.TestResult | None, failed_before: int) -> None:
        if _failed(result) == failed_before:
            must_be_read(self.lightsail.unread_pages())


def _failed(result: unittest.TestResult | None) -> int:
    """How many tests have: what pytest hands over as a result does not tell."""
    return len(getattr(result, "failures", ())) + len(getattr(result, "errors", ()))
