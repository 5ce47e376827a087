"""unittest's mixin: a Lightsail a test."""

from __future__ import annotations

import unittest
from typing import Any

import boto3
import pytest

import skysail
from skysail.testing import LightsailMixin

NEW = {"availabilityZone": "us-east-1a", "blueprintId": "ubuntu_24_04", "bundleId": "nano_3_0"}


def first_page() -> list[str]:
    return [instance["name"] for instance in boto3.client("lightsail").get_instances()["instances"]]


def ran(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def test_each_test_has_a_new_one_and_set_up_is_in_it() -> None:
    class Fleet(LightsailMixin, unittest.TestCase):
        def setUp(self) -> None:
            assert first_page() == []
            self.lightsail.create_instances(instanceNames=["web-1"], **NEW)

        def tearDown(self) -> None:
            assert first_page() == ["web-1"]

        def test_once(self) -> None:
            self.lightsail.clock.settle()
            assert len(self.lightsail.calls("CreateInstances")) == 1

        test_again = test_once

    result = ran(Fleet)
    assert (result.testsRun, result.failures, result.errors) == (2, [], [])


def test_an_asynchronous_case_too() -> None:
    class Fleet(LightsailMixin, unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self) -> None:
            self.lightsail.create_instances(instanceNames=["web-1"], **NEW)

        async def test_once(self) -> None:
            async with skysail.async_client() as client:
                answer: Any = await client.get_instances()
                assert [each["name"] for each in answer["instances"]] == first_page()

    result = ran(Fleet)
    assert (result.testsRun, result.failures, result.errors) == (1, [], [])


def test_a_page_that_was_left_fails_the_test_with_its_line() -> None:
    class Forgetful(LightsailMixin, unittest.TestCase):
        lightsail_options = {"all_pages": True}

        def test_of_the_first_page(self) -> None:
            self.lightsail.create_instances(instanceNames=["web-1", "web-2"], **NEW)
            first_page()

        def test_that_fails_anyway(self) -> None:
            self.test_of_the_first_page()
            raise AssertionError("for another reason")

    unread, other = (text for _, text in ran(Forgetful).failures)
    assert "GetInstances, in first_page" in unread
    assert "for another reason" in other


def test_an_option_that_there_is_not_is_named() -> None:
    class Fleet(LightsailMixin, unittest.TestCase):
        lightsail_options = {"pagesize": 1}

        def test_once(self) -> None: ...

    with pytest.raises(skysail.errors.UsageError, match="no option pagesize"):
        ran(Fleet)
