"""The pages for whoever tests: calls as they come, faults, time; and every other kind of thing."""

from __future__ import annotations

import json
import re

import pytest

from bench import START, Bench, refused
from console.browsing import FROM_HERE, Browsing, links, text
from skysail.console.nouns import about, nouns, shown
from skysail.protocol.message import Response
from skysail.protocol.model import service_model

TAG = {"key": "a", "value": "b"}


def events(response: Response) -> list[tuple[str, str]]:
    """The ids, and what their rows say."""
    assert response.headers["content-type"].startswith("text/event-stream")
    found = re.findall(r"id: (\S+)\ndata: (.*)\n\n", response.body.decode())
    return [(id, text(Response(200, {}, json.loads(data).encode()))) for id, data in found]


def test_calls_are_told_the_newest_first_and_on_as_they_come(bench: Bench, browsing: Browsing) -> None:
    bench.create("web")
    bench.client.get_instance(instanceName="web")
    page = browsing.get("calls")
    told = text(page)
    assert told.index("GetInstance web 200") < told.index("CreateInstances web 200")
    from_there = re.search(r'data-from="([^"]+)"', page.body.decode())
    assert from_there is not None
    stream = from_there[1].replace("&amp;", "&")
    assert events(browsing.get(stream)) == []
    refused(bench.client.get_instance, instanceName="nobody")
    [(id, row)] = events(browsing.get(stream))
    assert row.startswith("GetInstance nobody 400 NotFoundException The Instance does not exist: nobody us-east-1")
    assert events(browsing.get(stream, **{"last-event-id": id})) == []
    assert "retry: 1000" in browsing.get(stream).body.decode()


def test_one_call_has_its_arguments_its_code_and_its_error_to_arm(bench: Bench, browsing: Browsing) -> None:
    bench.create("web", userData="secret words")
    why = refused(bench.client.stop_instance, instanceName="web").message
    [first, last] = bench.lightsail.calls()
    told = browsing.page(f"calls/{first['id']}")
    assert '"instanceNames": [ "web" ]' in told
    assert "secret words" not in told
    assert '"operationType": "CreateInstance"' in told.partition("Answered")[2]
    assert "Answered" not in browsing.page(f"calls/{last['id']}"), "of a refusal its message tells"
    assert "aws lightsail create-instances --instance-names web" in told
    assert why in browsing.page("calls")
    assert why in browsing.page(f"calls/{last['id']}")
    [arm] = links(browsing.get(f"calls/{last['id']}"), "Arm this error")
    form = browsing.get(arm).body.decode()
    assert 'value="StopInstance"' in form
    assert 'value="InvalidInputException"' in form
    assert browsing.get("calls/none").status == 400


FILTERS = {
    "operation=GetInstances": 1,
    "failed=1": 2,
    "error=NotFoundException": 2,
    "region=x": 0,
    "program=SkySail/": 3,
    "program=boto3": 0,
}


@pytest.mark.parametrize(("query", "count"), FILTERS.items())
def test_calls_are_filtered(bench: Bench, browsing: Browsing, query: str, count: int) -> None:
    bench.client.get_instances()
    for _ in range(2):
        refused(bench.client.get_instance, instanceName="nobody")
    assert f"The last {count} " in browsing.page(f"calls?{query}")


def test_faults_are_armed_and_disarmed(bench: Bench, browsing: Browsing) -> None:
    wanted = {"kind": "error", "operation": "StopInstance", "code": "Broken", "status": "503", "first": "2"}
    done = browsing.post("faults", None, **wanted, seconds="9", when="after")
    assert done.status == 303
    assert "StopInstance error 503 Broken the first 2" in browsing.page("faults")
    assert "1 fault armed" in browsing.page("instances")
    wrong = browsing.post("faults", kind="delay", seconds="soon")
    assert (wrong.status, "seconds is a number, not soon" in text(wrong)) == (400, True)
    assert 'value="soon"' in wrong.body.decode()
    for share in ("nan", "inf", "1e999"):  # JSON has none of them, and without a share it were always
        assert browsing.post("faults", kind="throttle", share=share).status == 400
    [rule] = bench.lightsail.faults.rules()
    assert browsing.post("faults/disarm", id=rule.id).status == 303
    assert bench.lightsail.faults.rules() == ()


def test_a_late_answer_makes_its_page_late_and_holds_no_thread(bench: Bench, browsing: Browsing) -> None:
    bench.instance("web")
    bench.lightsail.faults.delay("StopInstance", seconds=3_000)
    before = bench.clock.now()
    done = browsing.post("instances/us-east-1/web/stop", x="1")
    assert (done.status, done.delay_s) == (303, 3_000)
    assert bench.clock.now() == before
    assert browsing.get("instances/us-east-1/web").delay_s == 0


def test_time_is_moved(bench: Bench, browsing: Browsing) -> None:
    bench.create("web")
    assert "web" in browsing.page("time")
    browsing.post("time/run", rate="0")
    browsing.post("time/move", by="3600")
    assert bench.lightsail.clock.now() == START + 3_600
    assert bench.state() == "running"
    bench.client.stop_instance(instanceName="web")
    browsing.post("time/move", to="next")
    assert bench.state() == "stopped"
    nothing = browsing.post("time/move", to="next")
    assert (nothing.status, "Nothing is to come" in text(nothing)) == (400, True)
    browsing.post("time/run", rate="60")
    assert bench.lightsail.clock.rate == 60
    assert browsing.post("time/run", rate="fast").status == 400
    browsing.post("time/run", rate="real")
    assert bench.lightsail.clock.rate == 1
    assert browsing.post("time/reset", confirm="no").status == 400
    assert bench.names() == ["web"]
    account = bench.get()["arn"].split(":")[4]
    assert browsing.post("time/reset", confirm=account).status == 303
    assert bench.names() == []


def test_each_kind_has_its_list(bench: Bench, browsing: Browsing) -> None:
    bench.instance()
    there_is, can_be_ordered = browsing.page("resources").split("What can be ordered")
    assert "Static IPs" in there_is
    assert "Blueprints" in can_be_ordered
    for part in nouns():
        response = browsing.get(f"resources/{part}?region=us-east-1")
        assert response.status == 200 or "not supported" in text(response), part


def test_one_of_a_kind_has_all_its_members(bench: Bench, browsing: Browsing) -> None:
    bench.client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=8, tags=[TAG])
    told = browsing.page("resources/Disks/us-east-1/data")
    assert "sizeInGb 8" in told
    assert "tags a=b" in told
    assert "aws lightsail get-disk --disk-name data" in told
    assert "price" in browsing.page("resources/Bundles/us-east-1/nano_3_0")
    assert browsing.get("resources/Disks/us-east-1/none").status == 404
    assert browsing.get("resources/Bundles/us-east-1/none").status == 400
    assert browsing.get("resources/Nothing").status == 400


def test_one_of_a_listing_that_takes_a_name_is_asked_for_by_it(bench: Bench, browsing: Browsing) -> None:
    for name in ("files-1", "files-2"):
        bench.client.create_bucket(bucketName=name, bundleId="small_1_0")
    told = browsing.page("resources/Buckets/us-east-1/files-2")
    assert "aws lightsail get-buckets --bucket-name files-2" in told
    assert "files-1" not in told
    assert browsing.get("resources/Buckets/us-east-1/none").status == 404
    bench.client.create_certificate(certificateName="cert", domainName="example.com")
    assert "--certificate-name cert" in browsing.page("resources/Certificates/us-east-1/cert")


def test_lists_go_on_by_true_tokens(bench: Bench, browsing: Browsing) -> None:
    for number in range(60):
        bench.client.create_disk(diskName=f"data-{number}", availabilityZone="us-east-1a", sizeInGb=8)
    [on] = links(browsing.get("resources/Disks"), "On")
    assert len(set(re.findall(r"data-\d+", browsing.page(on)))) == 10


def test_nothing_that_is_a_secret_is_asked_for_or_shown() -> None:
    asked = {operation.name for noun in nouns().values() for operation in about(noun.item)}
    assert not {name for name in asked if "Password" in name or "Access" in name} - {"GetBucketAccessKeys"}
    model = service_model()
    sensitive = [name for name in ("IAMAccessKeyId", "NonEmptyString") if model.shape(name).sensitive]
    for name in sensitive:
        assert shown(name, "AKIA") == "hidden"


def test_a_theme_is_kept_in_a_cookie_and_leads_nowhere_else(browsing: Browsing) -> None:
    done = browsing.post("likings", theme="dark", back="/console/time")
    assert done.headers["location"] == "/console/time"
    assert done.headers["set-cookie"].startswith("skysail_theme=dark; Path=/console/;")
    assert 'data-theme="dark"' in browsing.get("time", cookie="skysail_theme=dark").body.decode()
    for back in (
        "https://evil.example/",
        "//evil.example",
        "/console/\\evil",
        "/console/\r\nx: y",
        "/console/\u2603",
        "",
    ):
        done = browsing.post("likings", theme="light", back=back)
        assert done.headers["location"] == "/console/"
    assert "set-cookie" not in browsing.post("likings", theme="pink").headers


def test_a_page_stands_still_for_whoever_likes_that(bench: Bench, browsing: Browsing) -> None:
    bench.create("web")
    assert "data-busy" in browsing.get("instances").body.decode()
    assert "data-from" in browsing.get("calls").body.decode()
    still = browsing.post("likings", live="off", back="/console/calls").headers["set-cookie"].partition(";")[0]
    assert "data-busy" not in browsing.get("instances", cookie=still).body.decode()
    assert "data-from" not in browsing.get("calls", cookie=still).body.decode()
    quiet = browsing.post("likings", keys="off").headers["set-cookie"].partition(";")[0]
    assert "data-no-keys" in browsing.get("help", cookie=quiet).body.decode()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4570", ""])
def test_a_name_of_somebody_else_s_is_refused(host: str) -> None:
    from skysail.server import LocalLightsail
    from skysail.service.hosts import Hosts

    with LocalLightsail(hosts=Hosts()) as local:
        door = local.with_console()
        from skysail.protocol.message import Request

        assert door.answer(Request("GET", "/console/instances", {"host": host}, b"")).status == 403
        assert door.answer(Request("GET", "/console/instances", {"host": "localhost:1"}, b"")).status == 200


def test_addresses_that_are_no_page_s(browsing: Browsing) -> None:
    assert browsing.get("nothing").status == 404
    assert browsing.get("static/x/../console.py").status == 404
    assert browsing.get("static/0/console.css").headers["cache-control"] == "no-cache"
    assert browsing.post("nothing", FROM_HERE, x="1").status == 404
    assert browsing.get("/", accept="text/html").headers["location"].startswith("/console/instances")


def test_a_container_s_environment_is_told_without_its_values(bench: Bench, browsing: Browsing) -> None:
    bench.client.create_container_service(serviceName="shop", power="nano", scale=1)
    bench.settle()
    web = {"image": "nginx:1", "environment": {"TOKEN": "sesame"}, "ports": {"80": "HTTP"}}
    bench.client.create_container_service_deployment(serviceName="shop", containers={"web": web})
    bench.settle()
    for address in ("resources/ContainerServices/us-east-1/shop", "resources/ContainerServices", "calls"):
        assert "sesame" not in browsing.page(address)
    assert "TOKEN hidden" in browsing.page("resources/ContainerServices/us-east-1/shop")
