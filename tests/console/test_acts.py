"""Forms: what they do, what they say when it is refused, and that nobody else's page can send one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from bench import Bench
from console.browsing import FROM_HERE, HERE, Browsing, links, text
from skysail.console.words import quantity
from skysail.protocol.message import Response

WEB = "instances/us-east-1/web"


def led_to(browsing: Browsing, response: Response) -> str:
    """The text of the page that a form led to."""
    assert response.status == 303, text(response)
    return browsing.page(response.headers["location"])


def test_an_instance_is_made_from_its_form(bench: Bench, browsing: Browsing) -> None:
    form = browsing.get("instances/new?blueprint=debian_12&bundle=small_3_0&name=web").body.decode()
    assert re.search(r'value="debian_12"[^>]* checked', form)
    assert re.search(r'value="small_3_0"[^>]* checked', form)
    assert "12.00 USD/month" in form
    shown = led_to(
        browsing,
        browsing.post(
            "instances/new",
            region="us-east-1",
            zone="us-east-1b",
            blueprint="debian_12",
            bundle="small_3_0",
            name="web",
            tags="role=web, solo",
            user_data="echo ready",
        ),
    )
    assert "Done: CreateInstances" in shown
    assert "pending" in shown
    made = bench.get()
    assert (made["bundleId"], made["location"]["availabilityZone"]) == ("small_3_0", "us-east-1b")
    assert made["tags"] == [{"key": "role", "value": "web"}, {"key": "solo"}]
    assert "echo ready" not in shown, "a script is a secret"


def test_what_was_filled_in_is_kept_when_it_is_refused(bench: Bench, browsing: Browsing) -> None:
    bench.create("web")
    response = browsing.post(
        "instances/new", region="us-east-1", blueprint="debian_12", bundle="small_3_0", name="web", tags="role=web"
    )
    assert response.status == 400
    body = response.body.decode()
    assert 'role="alert"' in body
    assert "InvalidInputException" in body
    assert 'value="role=web"' in body
    assert re.search(r'value="debian_12"[^>]* checked', body)


def test_a_life_in_forms(bench: Bench, browsing: Browsing) -> None:
    bench.instance()
    assert "Done: StopInstance" in led_to(browsing, browsing.post(f"{WEB}/stop"))
    assert bench.state() == "stopping"
    bench.settle()
    assert led_to(browsing, browsing.post(f"{WEB}/start"))
    bench.settle()
    assert led_to(browsing, browsing.post(f"{WEB}/reboot"))
    bench.settle()

    shown = led_to(browsing, browsing.post(f"{WEB}/attach-ip", new_static_ip="web-ip"))
    assert "AllocateStaticIp, AttachStaticIp" in shown
    assert bench.get()["isStaticIp"]
    assert "static: web-ip" in browsing.page(f"{WEB}/networking")
    led_to(browsing, browsing.post(f"{WEB}/release-ip", static_ip="web-ip"))
    assert bench.client.get_static_ips()["staticIps"] == []

    assert "web-kept" in led_to(browsing, browsing.post(f"{WEB}/snapshot", snapshot="web-kept"))
    bench.settle()
    assert "1 manual snapshot stays" in browsing.page(f"{WEB}/delete").lower()
    led_to(browsing, browsing.post(f"{WEB}/delete-snapshot", snapshot="web-kept"))
    led_to(browsing, browsing.post(f"{WEB}/automatic", at="04:00"))
    bench.settle()
    assert "On, and none yet" in browsing.page(f"{WEB}/snapshots")
    led_to(browsing, browsing.post(f"{WEB}/automatic", off="1"))

    assert "env prod" in led_to(browsing, browsing.post(f"{WEB}/tag", key="env", value="prod"))
    led_to(browsing, browsing.post(f"{WEB}/untag", key="env"))
    assert not bench.get().get("tags")

    bench.client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=8)
    bench.settle()
    assert "data, 8 GB" in browsing.page(f"{WEB}/storage")
    led_to(browsing, browsing.post(f"{WEB}/attach-disk", disk="data", path="/dev/xvdf"))
    assert "/dev/xvdf" in browsing.page(f"{WEB}/storage")

    assert "CreateInstance" in browsing.page(f"{WEB}/history")
    wrong = browsing.post(f"{WEB}/delete", confirm="wrong")
    assert (wrong.status, "Type web to delete it; nothing was done." in text(wrong)) == (400, True)
    assert "Done: DeleteInstance" in led_to(browsing, browsing.post(f"{WEB}/delete", confirm="web"))
    bench.settle()
    assert browsing.get(WEB).status == 404


def test_the_firewall_is_changed_by_what_was_shown(bench: Bench, browsing: Browsing) -> None:
    bench.instance()
    page = browsing.get(f"{WEB}/networking")
    assert "SSH is open to the world" in text(page)
    assert "Not applied yet" not in text(page)
    [close] = [link for link in links(page, "Close") if "22" not in link]
    page = browsing.get(close)
    assert "- 22/tcp anywhere" in text(page)
    # In the address stands what is to be: the form that opens a port takes it along.
    new = {"add": "1", "protocol": "tcp", "port": "8000-8010", "sources": "192.0.2.0/24"}
    query = urlencode([*parse_qsl(urlsplit(close).query), *new.items()])
    page = browsing.get(f"{close.partition('?')[0]}?{query}")
    assert "+ 192.0.2.0/24" in text(page)
    assert bench.client.get_instance_port_states(instanceName="web")["portStates"][0]["fromPort"] == 80
    hidden = re.findall(r'name="(before|rule|edit)" value="([^"]*)"', page.body.decode().partition(">Apply<")[0])
    fields = {name: [unescape(value) for key, value in hidden if key == name] for name in ("before", "rule", "edit")}
    assert led_to(browsing, browsing.post(f"{WEB}/ports", **fields))
    states = bench.client.get_instance_port_states(instanceName="web")["portStates"]
    assert sorted((one["fromPort"], one["toPort"], *one["cidrs"]) for one in states) == [
        (80, 80, "0.0.0.0/0"),
        (8000, 8010, "192.0.2.0/24"),
    ]
    stale = browsing.post(f"{WEB}/ports", **fields)
    assert "has changed since you opened this page" in text(stale)


def test_what_was_transferred_is_told_of_this_month_alone(bench: Bench, browsing: Browsing) -> None:
    bench.instance("web")
    assert "Made up" in browsing.page("instances/us-east-1/web/metrics")

    def told() -> str:
        found = re.search(r"Transfer (.*) in and out this month, of 1,024 GB", browsing.page(networking))
        assert found is not None
        return found[1]

    networking = "instances/us-east-1/web/networking"
    assert told() == "0 B"
    begin = datetime.fromtimestamp(bench.clock.now(), UTC)
    bench.clock.advance(86_400)
    asked = {
        "instanceName": "web",
        "period": 300,
        "startTime": begin,
        "endTime": datetime.fromtimestamp(bench.clock.now(), UTC),
        "unit": "Bytes",
        "statistics": ["Sum"],
    }
    ask = bench.client.get_instance_metric_data
    points = [one for name in ("NetworkIn", "NetworkOut") for one in ask(metricName=name, **asked)["metricData"]]
    assert told() == quantity(sum(point["sum"] for point in points), "Bytes")
    bench.clock.advance(datetime(2023, 12, 1, 0, 20, tzinfo=UTC).timestamp() - bench.clock.now())
    assert told().endswith(" kB")


@pytest.mark.parametrize("port", ["70000", "x", "9-1"])
def test_a_port_that_is_none_is_told_and_kept(bench: Bench, browsing: Browsing, port: str) -> None:
    bench.instance()
    page = browsing.get(f"{WEB}/networking?add=1&protocol=tcp&port={port}")
    assert 'role="alert"' in page.body.decode()
    assert f'value="{port}"' in page.body.decode()


def test_several_at_once_end_at_the_first_that_is_refused(bench: Bench, browsing: Browsing) -> None:
    for name in ("one", "two"):
        bench.instance(name)
    bench.instance("three", "stopped")
    on = ["us-east-1/one", "us-east-1/three", "us-east-1/two"]
    response = browsing.post("instances?region=us-east-1", on=on, act="stop")
    assert response.status == 400
    assert "1 of 3 were done before" in text(response)
    assert [bench.state(name) for name in ("one", "two", "three")] == ["stopping", "running", "stopped"]
    shown = led_to(browsing, browsing.post("instances?region=us-east-1&q=two", on="us-east-1/two", act="stop"))
    assert "Done: StopInstance" in shown
    assert "has two" in shown, "the filter stays"
    assert "No instance is ticked" in text(browsing.post("instances", act="stop"))
    assert browsing.post("instances", act="delete", on="us-east-1/one").status == 400
    assert browsing.post("instances", act="untag", on="us-east-1/one").status == 400


SENDERS = {
    "another site's page": (FROM_HERE | {"sec-fetch-site": "cross-site"}, 403),
    "a page of a sibling's": (FROM_HERE | {"sec-fetch-site": "same-site"}, 403),
    "an old browser at another site": (
        HERE | {"content-type": FROM_HERE["content-type"], "origin": "http://evil.example"},
        403,
    ),
    "nobody that says where it is from": (HERE | {"content-type": FROM_HERE["content-type"]}, 403),
    "an old browser here": (HERE | {"content-type": FROM_HERE["content-type"], "origin": "http://localhost:4570"}, 303),
    "the person alone": (FROM_HERE | {"sec-fetch-site": "none"}, 303),
    "a form that is none": (FROM_HERE | {"content-type": "application/json"}, 403),
}


@pytest.mark.parametrize(("headers", "status"), SENDERS.values(), ids=SENDERS)
def test_a_form_comes_from_here(bench: Bench, browsing: Browsing, headers: dict[str, str], status: int) -> None:
    bench.instance()
    assert browsing.post(f"{WEB}/stop", headers, x="1").status == status
    assert bench.state() == ("stopping" if status == 303 else "running")


def test_an_act_is_a_call_like_any_and_meets_faults(bench: Bench, browsing: Browsing) -> None:
    bench.instance()
    bench.lightsail.calls.clear()
    bench.lightsail.faults.throttle("StopInstance", first=1)
    response = browsing.post(f"{WEB}/stop")
    assert (response.status, "ThrottlingException" in text(response)) == (400, True)
    led_to(browsing, browsing.post(f"{WEB}/stop"))
    assert [(call["operation"], call["status"]) for call in bench.lightsail.calls()] == [
        ("StopInstance", 400),
        ("StopInstance", 200),
    ]


def test_a_new_instance_is_shown_as_code_before_it_is_made(bench: Bench, browsing: Browsing) -> None:
    form = {
        "region": "us-east-1",
        "blueprint": "debian_12",
        "bundle": "small_3_0",
        "name": "web",
        "user_data": "echo 1",
    }
    response = browsing.post("instances/new", preview="1", **form)
    assert response.status == 200
    assert "aws lightsail create-instances --instance-names web" in text(response)
    assert 'value="web"' in response.body.decode(), "the form stays as it was"
    assert bench.names() == []


def test_half_a_form_is_none(bench: Bench, browsing: Browsing) -> None:
    """A server keeps of a body that is too long only so much as shows it."""
    bench.instance()
    done = browsing.post(f"{WEB}/stop", x="a" * 1_048_576)
    assert (done.status, "at most 1048576 bytes" in text(done)) == (403, True)
    assert bench.state() == "running"


@pytest.mark.parametrize("rule", ["9" * 5_000 + "/tcp", "1-" + "9" * 5_000 + "/udp", "\u0661/tcp", "99999/tcp"])
def test_a_port_that_is_none_is_told(bench: Bench, browsing: Browsing, rule: str) -> None:
    bench.instance()
    page = browsing.get(f"{WEB}/networking?{urlencode({'edit': 1, 'rule': rule})}")
    assert (page.status, 'role="alert"' in page.body.decode()) == (200, True)


def test_a_firewall_of_any_size_has_a_page_that_one_can_wait_for(bench: Bench, browsing: Browsing) -> None:
    """A link to close a rule has all the others in it: with a thousand of them it would be forty megabytes."""
    bench.instance()
    many = "&".join(f"rule={port}/tcp" for port in range(1, 999))
    page = browsing.get(f"{WEB}/networking?edit=1&{many}")
    assert page.status == 200
    assert len(page.body) < 2_000_000
    assert ">998/tcp<" in page.body.decode()
    assert links(page, "Close") == []


def test_several_are_tagged_and_deleted_by_their_number(bench: Bench, browsing: Browsing) -> None:
    for name in ("one", "two", "three"):
        bench.instance(name)
    bench.client.create_instance_snapshot(instanceName="one", instanceSnapshotName="kept")
    bench.client.allocate_static_ip(staticIpName="held")
    bench.client.attach_static_ip(staticIpName="held", instanceName="two")
    on = ["us-east-1/one", "us-east-1/two"]
    told = browsing.page("instances/several?on=us-east-1/one&on=us-east-1/two")
    assert "1 manual snapshot stays (billed)" in told
    assert "static IP held stays" in told
    assert "three" not in told
    assert "TagResource, TagResource" in led_to(
        browsing, browsing.post("instances", several="1", on=on, act="tag", key="env", value="test")
    )
    assert bench.get("two")["tags"] == [{"key": "env", "value": "test"}]
    wrong = browsing.post("instances", several="1", on=on, act="delete", confirm="3")
    assert "Type 2 to delete so many instances; nothing was done." in text(wrong)
    assert "When it is deleted" in text(wrong), "on the page that asked"
    bench.settle()
    led_to(browsing, browsing.post("instances", several="1", on=on, act="delete", confirm="2"))
    bench.settle()
    assert bench.names() == ["three"]
    assert browsing.get("instances/several").status == 400


def test_an_empty_account_says_how_to_begin_and_takes_the_demo(bench: Bench, browsing: Browsing) -> None:
    page = browsing.page("instances?account=111122223333")
    assert "No instances yet" in page
    assert "export AWS_ENDPOINT_URL_LIGHTSAIL=http://localhost:4570" in page
    answer = browsing.post("demo", account="111122223333")
    assert answer.headers["location"] == "/console/instances?account=111122223333"
    page = browsing.page(answer.headers["location"])
    assert "240 instances" in page
    assert "us-west-2 60" in page
    again = browsing.post("demo", account="111122223333")
    assert again.status == 400
    assert "has instances already; nothing was added" in text(again)
    assert "No instances yet" in browsing.page("instances?account=444455556666"), "nobody else was given any"
