"""Where a command looks, in its three wordings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import skysail
from bench import ORDER
from running_server import RunningServer
from skysail.caller.credentials import FixedKey
from skysail.caller.settings import Settings
from skysail.cli.whereabouts import place_of
from skysail.protocol.sigv4 import Key

OWN = "https://lightsail.us-east-1.amazonaws.com"
LOCAL = "http://127.0.0.1:4570"


@pytest.mark.parametrize(
    ("url", "profile", "environ", "in_summary", "in_error", "in_nothing"),
    [
        (OWN, None, {}, "us-east-1, profile default", "us-east-1 (default)", "us-east-1 (profile default)"),
        (OWN, "prod", {"AWS_PROFILE": "x"}, "us-east-1, profile prod", "us-east-1 (prod)", "us-east-1 (profile prod)"),
        (OWN, None, {"AWS_PROFILE": "x"}, "us-east-1, profile x", "us-east-1 (x)", "us-east-1 (profile x)"),
        (OWN, None, {"AWS_ACCESS_KEY_ID": "k"}, "us-east-1", "us-east-1", "us-east-1"),
        (f"{OWN}.cn", None, {}, "us-east-1, profile default", "us-east-1 (default)", "us-east-1 (profile default)"),
        (LOCAL, None, {}, f"us-east-1, endpoint {LOCAL}", f"us-east-1 ({LOCAL})", f"us-east-1 (endpoint {LOCAL})"),
        (
            LOCAL, "p", {}, f"us-east-1, endpoint {LOCAL}, profile p", f"us-east-1 ({LOCAL})",
            f"us-east-1 (profile p, endpoint {LOCAL})",
        ),
        ("local:", None, {}, "us-east-1, endpoint local:", "us-east-1 (local:)", "us-east-1 (endpoint local:)"),
    ],
)  # fmt: skip
def test_a_place_names_region_and_profile_or_endpoint(url, profile, environ, in_summary, in_error, in_nothing):
    settings = Settings("us-east-1", url, "us-east-1", FixedKey(Key("a", "b")))
    place = place_of(settings, profile, environ)
    assert (place.in_summary, place.in_error, place.in_nothing(None)) == (in_summary, in_error, in_nothing)


def test_the_account_is_told_where_it_is_known():
    place = place_of(Settings("us-east-1", LOCAL, "us-east-1", FixedKey(Key("a", "b"))), None, {})
    assert place.in_nothing("111122223333") == f"us-east-1 (account 111122223333, endpoint {LOCAL})"


@pytest.mark.parametrize("words", [(), ("--region", "us-east-1", "--region", "eu-west-1"), ("-o", "tsv")])
def test_ages_are_by_the_clock_of_a_service_on_this_machine(cli, tmp_path, words):
    with RunningServer(tmp_path, "--clock", "manual") as server:
        client = skysail.client(region_name="us-east-1", endpoint_url=server.url)
        client.create_instances(instanceNames=["web"], **ORDER)
        client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=8)
        skysail.server_handle(server.url).clock.advance(days=400, minutes=1)
        where = words if "--region" in words else ("--region", "us-east-1", *words)
        for noun, name in (("instances", "web"), ("disks", "data")):
            told = cli(noun, "--endpoint", server.url, *where, environ={"HOME": str(tmp_path)})
            [line] = [line for line in told.out.splitlines() if line.startswith(name)]
            assert line.split()[-1] == "1y35d"
        shown = cli("instances", "show", "web", "--endpoint", server.url, "--region", "us-east-1")
        assert "(1y35d ago)" in shown.out
        metrics = cli("metrics", "web", "--endpoint", server.url, "--region", "us-east-1", "-o", "json")
        assert "T" in metrics.out
        day = datetime.fromtimestamp(skysail.server_handle(server.url).clock.now(), UTC)
        assert f"{day:%Y-%m-%d}" in metrics.out
        told = cli("metrics", "web", "--endpoint", server.url, "--region", "us-east-1")
        assert told.err.endswith("\na local Lightsail has no machine behind it: these are made up\n")
