"""Tags: put on, changed and taken off; what takes none; what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, Refusal, refused
from modelled import misfits


def numbered(count: int, first: int = 0) -> list[dict[str, str]]:
    return [{"key": f"k{number}"} for number in range(first, first + count)]


def test_tags_are_added_and_a_key_that_is_there_gets_the_new_value_in_its_place(bench: Bench) -> None:
    bench.instance(tags=[{"key": "a", "value": "1"}, {"key": "b"}])
    bench.client.tag_resource(resourceName="web", tags=[{"key": "c", "value": ""}, {"key": "a", "value": "2"}])
    assert bench.get()["tags"] == [{"key": "a", "value": "2"}, {"key": "b"}, {"key": "c"}]
    bench.client.untag_resource(resourceName="web", tagKeys=["b", "never"])
    assert bench.get()["tags"] == [{"key": "a", "value": "2"}, {"key": "c"}]


@pytest.mark.parametrize(
    ("operation", "more"), [("TagResource", {"tags": [{"key": "a"}]}), ("UntagResource", {"tagKeys": ["a"]})]
)
def test_both_leave_an_entry_that_fits_the_model(bench: Bench, operation: str, more: dict[str, Any]) -> None:
    bench.instance()
    response = bench.send({"resourceName": "web", **more}, operation)
    assert misfits(operation, response) == []
    entry = bench.operations("web")[-1]
    assert (entry["resourceType"], entry["status"], entry["isTerminal"]) == ("Instance", "Succeeded", True)
    assert entry.get("operationType") in (None, operation)
    assert "operationDetails" not in entry


def test_the_arn_says_which_resource_is_meant_and_must_belong_to_the_name(bench: Bench) -> None:
    for name in ("web", "db"):
        bench.instance(name)
    bench.client.tag_resource(resourceName="web", resourceArn=bench.get()["arn"], tags=[{"key": "a"}])
    assert bench.get()["tags"] == [{"key": "a"}]
    other = bench.get("db")["arn"]
    assert refused(bench.client.untag_resource, resourceName="web", resourceArn=other, tagKeys=["a"]) == Refusal(
        "InvalidInputException", "InvalidParams", f"The resource ARN is not that of web: {other}"
    )


def test_a_static_ip_takes_none(bench: Bench) -> None:
    bench.client.allocate_static_ip(staticIpName="ip")
    text = "The resource type, StaticIp, is not taggable."
    assert refused(bench.client.tag_resource, resourceName="ip", tags=[{"key": "a"}]) == Refusal(
        "InvalidInputException", "UnsupportedOperation", text
    )


def test_a_resource_that_is_not_there_is_not_found(bench: Bench) -> None:
    text = "The resource does not exist: web"
    assert refused(bench.client.untag_resource, resourceName="web", tagKeys=["a"]) == Refusal(
        "NotFoundException", "DoesNotExist", text
    )


def test_fifty_tags_are_the_most_and_a_refused_call_changes_nothing(bench: Bench) -> None:
    bench.instance(tags=numbered(49))
    bench.client.tag_resource(resourceName="web", tags=numbered(50))
    assert bench.get()["tags"] == numbered(50)
    text = "You've reached the maximum number of tags for this resource: 50"
    assert refused(bench.client.tag_resource, resourceName="web", tags=numbered(1, 50)).message == text
    assert refused(bench.client.tag_resource, resourceName="web", tags=[{"key": "aws:x"}]).message == (
        "Tag keys can't start with aws:"
    )
    assert bench.get()["tags"] == numbered(50)


def test_a_key_pair_is_tagged(bench: Bench) -> None:
    bench.client.create_key_pair(keyPairName="pair")
    bench.client.tag_resource(resourceName="pair", tags=[{"key": "a", "value": "1"}])
    assert bench.client.get_key_pair(keyPairName="pair")["keyPair"]["tags"] == [{"key": "a", "value": "1"}]


def test_the_tags_of_an_attached_disk_show_in_its_instance_too(bench: Bench) -> None:
    bench.instance()
    bench.client.create_disk(diskName="disk", availabilityZone="us-east-1a", sizeInGb=8)
    bench.settle()
    bench.client.attach_disk(diskName="disk", instanceName="web", diskPath="/dev/xvdf")
    bench.settle()
    bench.client.tag_resource(resourceName="disk", tags=[{"key": "a"}])
    assert bench.client.get_disk(diskName="disk")["disk"]["tags"] == [{"key": "a"}]
    (shown,) = [disk for disk in bench.get()["hardware"]["disks"] if disk.get("name") == "disk"]
    assert shown["tags"] == [{"key": "a"}]
