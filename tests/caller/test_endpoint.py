"""What an endpoint may look like, which one is taken, and what counts as this machine."""

from __future__ import annotations

import pytest
from botocore import loaders, utils
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.endpoint import (
    DEMO_ENDPOINT,
    checked_region,
    is_local,
    named_endpoint,
    quick_endpoint,
    without_fips,
)
from skysail.caller.profile import Profile
from skysail.errors import BadEndpointError, InvalidRegionError


def _named(argument: str | None = None, **environ: str) -> str | None:
    return named_endpoint(argument, None, Profile.read(None, {"HOME": "/nonexistent", **environ}))


OURS, AWS = {"SKYSAIL_ENDPOINT": "http://ours:1"}, {"AWS_ENDPOINT_URL_LIGHTSAIL": "http://aws:1"}


def test_our_variable_stands_above_awss_and_below_an_argument() -> None:
    assert _named() is None
    assert _named(**AWS) == "http://aws:1"
    assert _named(**AWS, **OURS) == "http://ours:1"
    assert _named("http://argument:1", **AWS, **OURS) == "http://argument:1"
    assert _named(**AWS, SKYSAIL_ENDPOINT="") == "http://aws:1"


def test_our_variable_is_heeded_where_awss_are_ignored() -> None:
    ignore = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert _named(**AWS, **ignore) is None
    assert _named(**AWS, **OURS, **ignore) == "http://ours:1"


@pytest.mark.parametrize("endpoint", ["local:", "local:state.db", "local:/a b/ü.db"])
def test_a_local_endpoint_stays_as_it_is(endpoint: str) -> None:
    assert _named(endpoint) == endpoint
    assert _named(SKYSAIL_ENDPOINT=endpoint) == endpoint


def test_demo_is_the_address_where_a_demo_is_served() -> None:
    assert _named("demo") == DEMO_ENDPOINT == "http://127.0.0.1:4571"


BAD = ["", "demo2", "local", "localhost:4571", "//host", "ftp://host", "file:///x", "http://", "http://:80",
       "http://h:port", "http://h:99999", "http://a b", " http://h", "http://h\n", "http://-h", "http://h..x",
       "http://[::1", "http://[nonsense]", f"http://{'h' * 64}"]  # fmt: skip


@pytest.mark.parametrize("endpoint", BAD)
def test_anything_else_is_refused_with_the_forms_that_are_allowed(endpoint: str) -> None:
    with pytest.raises(BadEndpointError, match=r'https://HOST.*"local:".*"local:PATH".*"demo"'):
        _named(endpoint)


@given(st.text("ab1-._[]:é", max_size=12).map("http://{}".format))
def test_a_host_is_one_for_us_only_if_it_is_one_for_botocore(endpoint: str) -> None:
    try:
        theirs = bool(utils.is_valid_uri(endpoint))
    except ValueError:
        theirs = False
    try:
        ours = _named(endpoint) is not None
    except BadEndpointError:
        ours = False
    assert theirs or not ours


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("local:", True),
        ("http://localhost", True),
        ("http://LOCALHOST:80/x", True),
        ("https://127.9.8.7", True),
        ("http://[::1]:4571", True),
        ("http://128.0.0.1", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("http://[::2]", False),
    ],
)
def test_this_machine_is_in_process_or_on_loopback(endpoint: str, expected: bool) -> None:
    assert is_local(endpoint) is expected


@pytest.mark.parametrize("region", ["eu-west-1", "banana", "a" * 63, "EU", "1a"])
def test_a_region_is_any_host_label(region: str) -> None:
    assert checked_region(region) == region


@pytest.mark.parametrize("region", ["", "12", "-a", "a-", "a.b", "a_b", "a b", "a" * 64, "a\n", "é"])
def test_a_region_that_is_no_host_label_is_refused(region: str) -> None:
    with pytest.raises(InvalidRegionError, match="doesn't match a supported format"):
        checked_region(region)


def test_the_commercial_partition_is_botocores() -> None:
    for partition in loaders.create_loader().load_data("partitions")["partitions"]:
        regional = [region for region in partition["regions"] if not region.endswith("-global")]
        quick = [region for region in regional if quick_endpoint(region, use_ssl=True)]
        assert quick == (regional if partition["id"] == "aws" else [])


@pytest.mark.parametrize("region", ["fips-us-east-1", "us-east-1-fips", "us-fips-1", "banana", "EU-WEST-1"])
def test_an_odd_region_has_no_quick_endpoint(region: str) -> None:
    assert quick_endpoint(region, use_ssl=True) is None


def test_the_region_of_a_pseudo_region() -> None:
    assert without_fips("fips-us-east-1") == without_fips("us-east-1-fips") == "us-east-1"
