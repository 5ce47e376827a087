"""Instances: what a new one looks like, what each call does in each state, and what is refused in which words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import ORDER, START, Bench, Refusal, refusal, refused
from skysail.errors import InvalidInputException, NotFoundException, ServiceError

CREATED = datetime.fromtimestamp(START, UTC)
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


# --- a new instance ---------------------------------------------------------------------------------------

BOTH = ("Anywhere (0.0.0.0/0 and ::/0)", ["0.0.0.0/0"], ["::/0"])
IPV4 = ("Anywhere (0.0.0.0/0)", ["0.0.0.0/0"], [])
IPV6 = ("Anywhere (::/0)", [], ["::/0"])

NEW: dict[str, tuple[dict[str, str], dict[str, Any], list[int], tuple[str, list[str], list[str]]]] = {
    # name: the order, members that follow from it, its open ports and to whom they are open
    "amazon linux": (
        {"blueprintId": "amazon_linux_2023", "bundleId": "nano_3_0"},
        {"blueprintName": "Amazon Linux 2023", "username": "ec2-user", "ipAddressType": "dualstack"}
        | {"cpu": 2, "ram": 0.5, "disk": 20, "iops": 100, "path": "/dev/xvda", "transfer": 1024},
        [80, 22],
        BOTH,
    ),
    "ubuntu": (
        {"blueprintId": "ubuntu_24_04", "bundleId": "micro_3_0"},
        {"blueprintName": "Ubuntu", "username": "ubuntu", "ipAddressType": "dualstack"}
        | {"cpu": 2, "ram": 1.0, "disk": 40, "iops": 120, "path": "/dev/sda1", "transfer": 2048},
        [80, 22],
        BOTH,
    ),
    "an application": (
        {"blueprintId": "wordpress", "bundleId": "small_3_0"},
        {"blueprintName": "WordPress", "username": "bitnami", "ipAddressType": "dualstack"}
        | {"cpu": 2, "ram": 2.0, "disk": 60, "iops": 180, "path": "/dev/xvda", "transfer": 3072},
        [80, 22, 443],
        BOTH,
    ),
    "windows": (
        {"blueprintId": "windows_server_2022", "bundleId": "medium_win_3_0"},
        {"blueprintName": "Windows Server 2022", "username": "Administrator", "ipAddressType": "dualstack"}
        | {"cpu": 2, "ram": 4.0, "disk": 80, "iops": 240, "path": "/dev/sda1", "transfer": 4096},
        [80, 22, 3389],
        BOTH,
    ),
    "ipv4 only": (
        {"blueprintId": "debian_12", "bundleId": "nano_3_0", "ipAddressType": "ipv4"},
        {"blueprintName": "Debian", "username": "admin", "ipAddressType": "ipv4"}
        | {"cpu": 2, "ram": 0.5, "disk": 20, "iops": 100, "path": "/dev/xvda", "transfer": 1024},
        [80, 22],
        IPV4,
    ),
    "ipv6 only by its plan": (
        {"blueprintId": "amazon_linux_2023", "bundleId": "nano_ipv6_3_0"},
        {"blueprintName": "Amazon Linux 2023", "username": "ec2-user", "ipAddressType": "ipv6"}
        | {"cpu": 2, "ram": 0.5, "disk": 20, "iops": 100, "path": "/dev/xvda", "transfer": 1024},
        [80, 22],
        IPV6,
    ),
    "ipv6 only by its plan and its word": (
        {"blueprintId": "windows_server_2019", "bundleId": "micro_win_ipv6_3_0", "ipAddressType": "ipv6"},
        {"blueprintName": "Windows Server 2019", "username": "Administrator", "ipAddressType": "ipv6"}
        | {"cpu": 2, "ram": 1.0, "disk": 40, "iops": 120, "path": "/dev/sda1", "transfer": 2048},
        [80, 22, 3389],
        IPV6,
    ),
}


@pytest.mark.parametrize("kind", NEW)
def test_a_new_instance_has_the_members_that_published_answers_show(bench: Bench, kind: str) -> None:
    order, follows, ports, (access_from, cidrs, ipv6_cidrs) = NEW[kind]
    bench.create("web", **order)
    instance = bench.get()
    account = instance["arn"].split(":")[4]
    assert re.fullmatch(rf"arn:aws:lightsail:us-east-1:\d{{12}}:Instance/{UUID}", instance.pop("arn"))
    assert re.fullmatch(r"\d{12}/i-[0-9a-f]{17}", support_code := instance.pop("supportCode"))
    assert support_code.split("/")[0] != account, "the machine is kept in an account of Lightsail's own"
    assert re.fullmatch(r"172\.26\.\d{1,3}\.\d{1,3}", instance.pop("privateIpAddress"))
    ipv6_addresses = instance.pop("ipv6Addresses")
    assert len(ipv6_addresses) == (0 if cidrs and not ipv6_cidrs else 1)
    assert all(re.fullmatch(r"2001:0db8(:[0-9a-f]{4}){6}", address) for address in ipv6_addresses)
    assert instance == {
        "name": "web",
        "createdAt": CREATED,
        "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
        "resourceType": "Instance",
        "tags": [],
        "blueprintId": order["blueprintId"],
        "blueprintName": follows["blueprintName"],
        "bundleId": order["bundleId"],
        "isStaticIp": False,
        "ipAddressType": follows["ipAddressType"],
        "hardware": {
            "cpuCount": follows["cpu"],
            "disks": [
                {
                    "createdAt": CREATED,
                    "sizeInGb": follows["disk"],
                    "isSystemDisk": True,
                    "iops": follows["iops"],
                    "path": follows["path"],
                    "attachedTo": "web",
                    "attachmentState": "attached",
                }
            ],
            "ramSizeInGb": follows["ram"],
        },
        "networking": {
            "monthlyTransfer": {"gbPerMonthAllocated": follows["transfer"]},
            "ports": [
                {
                    "fromPort": port,
                    "toPort": port,
                    "protocol": "tcp",
                    "accessFrom": access_from,
                    "accessType": "public",
                    "commonName": "",
                    "accessDirection": "inbound",
                    "cidrs": cidrs,
                    "ipv6Cidrs": ipv6_cidrs,
                    "cidrListAliases": [],
                }
                for port in ports
            ],
        },
        "state": {"code": 0, "name": "pending"},
        "username": follows["username"],
        "sshKeyName": "LightsailDefaultKeyPair",
        "metadataOptions": {
            "state": "applied",
            "httpTokens": "optional",
            "httpEndpoint": "enabled",
            "httpPutResponseHopLimit": 1,
            "httpProtocolIpv6": "disabled",
        },
    }


def test_numbers_are_of_the_kind_that_the_real_service_sends(bench: Bench) -> None:
    bench.create("web", bundleId="micro_3_0")
    hardware = bench.get()["hardware"]
    assert type(hardware["ramSizeInGb"]) is float
    assert type(hardware["cpuCount"]) is int
    assert type(hardware["disks"][0]["sizeInGb"]) is int


def test_iops_never_pass_16000(bench: Bench) -> None:
    for bundle in bench.client.get_bundles(includeInactive=True)["bundles"]:
        platform = bundle["supportedPlatforms"][0]
        blueprint = "windows_server_2022" if platform == "WINDOWS" else "amazon_linux_2023"
        name = bundle["bundleId"].replace("_", "-")
        bench.create(name, bundleId=bundle["bundleId"], blueprintId=blueprint)
        (disk,) = bench.get(name)["hardware"]["disks"]
        assert disk["sizeInGb"] == bundle["diskSizeInGb"]
        assert disk["iops"] == min(16_000, max(100, 3 * disk["sizeInGb"]))


def test_every_active_blueprint_can_be_ordered(bench: Bench) -> None:
    for blueprint in bench.client.get_blueprints()["blueprints"]:
        bundle = "large_win_3_0" if blueprint["platform"] == "WINDOWS" else "large_3_0"
        name = blueprint["blueprintId"].replace("_", "-")
        bench.create(name, blueprintId=blueprint["blueprintId"], bundleId=bundle)
        assert bench.get(name)["blueprintName"] == blueprint["name"]


def test_a_bundle_of_an_older_generation_is_still_to_be_had(bench: Bench) -> None:
    bench.create("web", bundleId="nano_1_0", blueprintId="amazon_linux_2")
    assert bench.get()["bundleId"] == "nano_1_0"


def test_ids_and_addresses_are_each_instances_own(bench: Bench) -> None:
    bench.create(*[f"web-{count}" for count in range(50)])
    bench.settle()
    instances = [bench.get(name) for name in bench.names()]
    for member in ("arn", "supportCode", "publicIpAddress"):
        assert len({instance[member] for instance in instances}) == 50
    assert len({instance["supportCode"].split("/")[0] for instance in instances}) == 1


def test_transfer_is_half_in_the_two_regions_of_the_faq() -> None:
    for region, transfer in (("ap-south-1", 512), ("ap-southeast-2", 512), ("sa-east-1", 1024)):
        bench = Bench(region=region)
        (bundle, *_) = bench.client.get_bundles()["bundles"]
        assert bundle["transferPerMonthInGb"] == transfer
        bench.create("web", bundleId=bundle["bundleId"])
        assert bench.get()["networking"]["monthlyTransfer"] == {"gbPerMonthAllocated": transfer}


# --- tags -------------------------------------------------------------------------------------------------

TAGS = {
    "none": ([], []),
    "key and value": ([{"key": "stage", "value": "prod"}], [{"key": "stage", "value": "prod"}]),
    "key only": ([{"key": "blue"}], [{"key": "blue"}]),
    "an empty value is none": ([{"key": "blue", "value": ""}], [{"key": "blue"}]),
    "in the order given": ([{"key": "b"}, {"key": "a", "value": "1"}], [{"key": "b"}, {"key": "a", "value": "1"}]),
    "keys that differ by case": ([{"key": "A"}, {"key": "a"}], [{"key": "A"}, {"key": "a"}]),
    "all the characters": ([{"key": "Aé9 +-=._:/@"}], [{"key": "Aé9 +-=._:/@"}]),
    "the longest": ([{"key": "k" * 128, "value": "v" * 256}], [{"key": "k" * 128, "value": "v" * 256}]),
    "as many as may be": ([{"key": f"{n}"} for n in range(50)], [{"key": f"{n}"} for n in range(50)]),
}


@pytest.mark.parametrize("name", TAGS)
def test_tags_are_shown_as_the_real_service_shows_them(bench: Bench, name: str) -> None:
    given, shown = TAGS[name]
    bench.create("web", tags=given)
    assert bench.get()["tags"] == shown


# --- what is refused --------------------------------------------------------------------------------------


def bad_name(name: str) -> str:
    return (
        f"{name} is not a valid resource name. Resource names must be at least 2 characters long and contain only "
        "alphanumerics, -, _, and ."
    )


NAMES_REFUSED = ["a", "-web", "web-", "_web", "web.", ".web", "my web", "wéb", "a" * 256, "web/1", "web\n", "", "--"]
NAMES_TAKEN = ["ab", "1web", "123-test", "we_b", "web.example.com", "A1", "a" * 255, "a--b", "10"]

INVALID = "InvalidParams"
ORDERS_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a zone of another region": (
        {"availabilityZone": "eu-west-1a"},
        "The specified Availability Zone is not valid: eu-west-1a",
    ),
    "a zone in capitals": (
        {"availabilityZone": "US-EAST-1A"},
        "The specified Availability Zone is not valid: US-EAST-1A",
    ),
    "a region for a zone": (
        {"availabilityZone": "us-east-1"},
        "The specified Availability Zone is not valid: us-east-1",
    ),
    "an unknown bundle": (
        {"bundleId": "giant_3_0"},
        "The specified bundle does not exist in this region: giant_3_0",
    ),
    "a bundle of another region": (
        {"bundleId": "nano_3_2"},
        "The specified bundle does not exist in this region: nano_3_2",
    ),
    "an unknown blueprint": (
        {"blueprintId": "beos_5"},
        "The specified blueprint does not exist in this region: beos_5",
    ),
    "a blueprint that is not active": (
        {"blueprintId": "ubuntu_16_04_2"},
        "The specified blueprint does not exist in this region: ubuntu_16_04_2",
    ),
    "windows on a linux bundle": (
        {"blueprintId": "windows_server_2022"},
        "The specified blueprint requires a WINDOWS bundle: nano_3_0",
    ),
    "linux on a windows bundle": (
        {"bundleId": "nano_win_3_0"},
        "The specified blueprint requires a LINUX_UNIX bundle: nano_win_3_0",
    ),
    "ipv6 only without its bundle": (
        {"ipAddressType": "ipv6"},
        "The specified bundle does not support the IP address type: ipv6",
    ),
    "dualstack on an ipv6 bundle": (
        {"ipAddressType": "dualstack", "bundleId": "nano_ipv6_3_0"},
        "The specified bundle does not support the IP address type: dualstack",
    ),
    "ipv4 on an ipv6 bundle": (
        {"ipAddressType": "ipv4", "bundleId": "nano_ipv6_3_0"},
        "The specified bundle does not support the IP address type: ipv4",
    ),
    "user data of more than 16 KB": (
        {"userData": "é" * 8192 + "x"},
        "The user data is larger than 16384 bytes.",
    ),
    "51 tags": (
        {"tags": [{"key": f"{n}"} for n in range(51)]},
        "You've reached the maximum number of tags for this resource: 50",
    ),
    "a tag without a key": ({"tags": [{"value": "x"}]}, "Tag keys must have at least 1 character."),
    "a tag with an empty key": ({"tags": [{"key": ""}]}, "Tag keys must have at least 1 character."),
    "a tag's key twice": (
        {"tags": [{"key": "a"}, {"key": "a", "value": "1"}]},
        "Duplicate tag keys are not allowed: a",
    ),
    "a reserved tag key": ({"tags": [{"key": "aws:x"}]}, "Tag keys can't start with aws:"),
    "a reserved tag key in capitals": ({"tags": [{"key": "AWS:x"}]}, "Tag keys can't start with aws:"),
    "a reserved tag value": ({"tags": [{"key": "a", "value": "aws:x"}]}, "Tag values can't start with aws:"),
    "a tag key that is too long": (
        {"tags": [{"key": "k" * 129}]},
        f"Tag keys can't be longer than 128 characters: {'k' * 129}",
    ),
    "a tag value that is too long": (
        {"tags": [{"key": "k", "value": "v" * 257}]},
        f"Tag values can't be longer than 256 characters: {'v' * 257}",
    ),
    "a tag key with odd characters": ({"tags": [{"key": "a#b"}]}, "The tag key is not valid: a#b"),
    "a tag key of two lines": ({"tags": [{"key": "a\nb"}]}, "The tag key is not valid: a\nb"),
    "a tag value with odd characters": (
        {"tags": [{"key": "a", "value": "<b>"}]},
        "The tag value is not valid: <b>",
    ),
    "no names": ({"instanceNames": []}, "At least one instance name is required."),
    "a thousand and one": (
        {"instanceNames": [f"web-{number}" for number in range(1_001)]},
        "At most 1000 instances can be created at once; 1001 names were given.",
    ),
}


@pytest.mark.parametrize("why", ORDERS_REFUSED)
def test_an_order_that_cannot_be_had_is_refused_in_these_words(bench: Bench, why: str) -> None:
    order, message = ORDERS_REFUSED[why]
    arguments = {"instanceNames": ["web"], **ORDER, **order}
    with pytest.raises(InvalidInputException) as caught:
        bench.client.create_instances(**arguments)
    assert refusal(caught.value) == Refusal("InvalidInputException", INVALID, message)
    assert bench.names() == []
    assert bench.operations() == []


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_a_name_that_breaks_the_rule_is_refused(bench: Bench, name: str) -> None:
    said = refused(lambda: bench.create(name))
    assert said == Refusal("InvalidInputException", INVALID, bad_name(name))
    assert bench.names() == []


@pytest.mark.parametrize("name", NAMES_TAKEN)
def test_a_name_that_keeps_the_rule_is_taken(bench: Bench, name: str) -> None:
    bench.create(name)
    assert bench.names() == [name]


def test_a_bundle_with_too_little_power_is_refused(bench: Bench, tmp_path: Any) -> None:
    """No published blueprint needs any; so one that does is made up here."""
    from shutil import copytree

    import msgspec

    from skysail.service.catalogue import FACTS, Catalogue

    folder = copytree(FACTS, tmp_path / "facts")
    facts = msgspec.json.decode((folder / "blueprints.json").read_bytes())
    for blueprint in facts["blueprints"]:
        blueprint["minPower"] = 499
    (folder / "blueprints.json").write_bytes(msgspec.json.encode(facts))
    bench.lightsail.service.catalogue = Catalogue(folder)
    said = refused(lambda: bench.create("web"))
    text = "The specified blueprint requires a bundle with more power: amazon_linux_2023"
    assert said == Refusal("InvalidInputException", INVALID, text)
    bench.create("web", bundleId="micro_3_0")


def test_a_key_pair_that_is_not_there_is_not_found(bench: Bench) -> None:
    said = refused(lambda: bench.create("web", keyPairName="mine"))
    assert said == Refusal("NotFoundException", "DoesNotExist", "The KeyPair does not exist: mine")


def test_another_kind_of_resource_is_no_key_pair(bench: Bench) -> None:
    bench.create("mine")
    said = refused(lambda: bench.create("web", keyPairName="mine"))
    assert said == Refusal("NotFoundException", "DoesNotExist", "The KeyPair does not exist: mine")


def test_the_default_key_pair_is_always_there(bench: Bench) -> None:
    bench.create("web", keyPairName="LightsailDefaultKeyPair")
    assert bench.get()["sshKeyName"] == "LightsailDefaultKeyPair"


def test_a_region_with_bundle_ids_of_its_own_has_no_others() -> None:
    bench = Bench(region="ap-southeast-2")
    bench.create("web", bundleId="nano_3_2")
    assert bench.get()["bundleId"] == "nano_3_2"
    said = refused(lambda: bench.create("db", bundleId="nano_3_0"))
    text = "The specified bundle does not exist in this region: nano_3_0"
    assert said == Refusal("InvalidInputException", INVALID, text)


def test_user_data_of_16_kb_is_taken_and_never_shown(bench: Bench) -> None:
    bench.create("web", userData="s3cret " + "x" * (16_384 - 7))
    assert b"s3cret" not in bench.send({"instanceName": "web"}, "GetInstance").body


# --- several names ----------------------------------------------------------------------------------------

TAKEN = {
    "by an instance": (["new", "web"], "web"),
    "all of them": (["db", "web"], "db, web"),
    "twice in one call": (["new", "other", "new"], "new"),
    "twice and by an instance": (["web", "web"], "web"),
}


@pytest.mark.parametrize("why", TAKEN)
def test_several_instances_are_made_all_or_none(bench: Bench, why: str) -> None:
    names, said = TAKEN[why]
    bench.create("web", "db")
    before = bench.operations()
    text = f"Some names are already in use: {said}"
    assert refused(lambda: bench.create(*names)) == Refusal("InvalidInputException", "NameExists", text)
    assert bench.names() == ["db", "web"]
    assert bench.operations() == before


def test_one_bad_name_among_several_makes_none(bench: Bench) -> None:
    assert refused(lambda: bench.create("good", "b@d", "w orse")).message == bad_name("b@d")
    assert bench.names() == []


def test_a_name_is_free_again_after_deletion_and_in_every_region_and_account(bench: Bench) -> None:
    bench.create("web")
    first = bench.get()["arn"]
    bench.client.delete_instance(instanceName="web")
    bench.create("web")
    assert bench.get()["arn"] != first
    elsewhere = bench.lightsail.client("eu-west-1")
    elsewhere.create_instances(instanceNames=["web"], **{**ORDER, "availabilityZone": "eu-west-1a"})
    other = bench.lightsail.client("us-east-1", "somebody-else")
    other.create_instances(instanceNames=["web"], **ORDER)
    arns = {client.get_instances()["instances"][0]["arn"] for client in (bench.client, elsewhere, other)}
    assert len(arns) == 3


def test_the_newest_is_listed_first_and_of_one_call_the_last_named(bench: Bench) -> None:
    bench.create("aa", "zz")
    bench.create("mm")  # without any time between
    bench.clock.advance(1)
    bench.create("bb")
    assert bench.names() == ["bb", "mm", "zz", "aa"]


# --- each call in each state ------------------------------------------------------------------------------

STATES = ("pending", "running", "stopping", "stopped")
CODES = {"pending": 0, "running": 16, "stopping": 64, "stopped": 80}


def cannot(doing: str, because: str) -> Refusal:
    text = f"The instance can't be {doing} because it is not {because}: web"
    return Refusal("InvalidInputException", "InvalidState", text)


# Sources: the model's documentation for what start, stop and reboot are for; the refusals are inferred.
BY_STATE: dict[tuple[str, str], Refusal | tuple[str, str]] = {
    # call and state before: a refusal, or the state right after and that when all is done
    ("start_instance", "pending"): cannot("started", "stopped"),
    ("start_instance", "running"): cannot("started", "stopped"),
    ("start_instance", "stopping"): cannot("started", "stopped"),
    ("start_instance", "stopped"): ("pending", "running"),
    ("stop_instance", "pending"): cannot("stopped", "running"),
    ("stop_instance", "running"): ("stopping", "stopped"),
    ("stop_instance", "stopping"): cannot("stopped", "running"),
    ("stop_instance", "stopped"): cannot("stopped", "running"),
    ("reboot_instance", "pending"): cannot("rebooted", "running"),
    ("reboot_instance", "running"): ("running", "running"),
    ("reboot_instance", "stopping"): cannot("rebooted", "running"),
    ("reboot_instance", "stopped"): cannot("rebooted", "running"),
    ("delete_instance", "pending"): ("gone", "gone"),
    ("delete_instance", "running"): ("gone", "gone"),
    ("delete_instance", "stopping"): ("gone", "gone"),
    ("delete_instance", "stopped"): ("gone", "gone"),
}


def seen(bench: Bench) -> str:
    try:
        return bench.state()
    except NotFoundException:
        return "gone"


@pytest.mark.parametrize(("call", "state"), BY_STATE)
def test_a_call_by_state(bench: Bench, call: str, state: str) -> None:
    bench.instance(state=state)
    journal = bench.operations()
    expected = BY_STATE[call, state]
    try:
        getattr(bench.client, call)(instanceName="web")
    except ServiceError as error:
        outcome: Refusal | tuple[str, str] = refusal(error)
        assert seen(bench) == state
        assert bench.operations() == journal, "a refused call leaves no entry"
    else:
        after = seen(bench)
        bench.settle()
        outcome = (after, seen(bench))
    assert outcome == expected


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_its_code_and_is_the_same_in_every_answer(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    expected = {"code": CODES[state], "name": state}
    assert bench.client.get_instance_state(instanceName="web")["state"] == expected
    assert bench.get()["state"] == expected
    assert bench.client.get_instances()["instances"][0]["state"] == expected


@pytest.mark.parametrize(
    "call",
    ["get_instance", "get_instance_state", "start_instance", "stop_instance", "reboot_instance", "delete_instance"],
)
def test_a_name_that_is_not_there_is_not_found_by_any_call(bench: Bench, call: str) -> None:
    bench.instance("other")
    said = refused(getattr(bench.client, call), instanceName="web")
    assert said == Refusal("NotFoundException", "DoesNotExist", "The Instance does not exist: web")
    bench.instance("web")
    bench.client.delete_instance(instanceName="web")
    assert refused(getattr(bench.client, call), instanceName="web") == said


# --- time -------------------------------------------------------------------------------------------------

PACES = {"instant": (0, 0, 0), "brisk": (1.5, 1, 1), "real": (18, 18, 25)}


@pytest.mark.parametrize("pace", PACES)
def test_states_change_when_their_time_has_come_and_not_before(pace: Any) -> None:
    create_s, start_s, stop_s = PACES[pace]
    bench = Bench(pace=pace)

    def changes_after(seconds: float, before: str, after: str) -> None:
        if seconds:
            assert bench.state() == before
            bench.clock.advance(seconds - 0.001)
            assert bench.state() == before
            bench.clock.advance(0.001)
        assert bench.state() == after

    bench.create("web")
    changes_after(create_s, "pending", "running")
    bench.client.stop_instance(instanceName="web")
    changes_after(stop_s, "stopping", "stopped")
    bench.client.start_instance(instanceName="web")
    changes_after(start_s, "pending", "running")


def test_an_instance_that_was_deleted_and_made_anew_has_its_own_time(bench: Bench) -> None:
    bench.create("web")
    bench.clock.advance(1)
    bench.client.delete_instance(instanceName="web")
    bench.create("web")
    bench.clock.advance(1)
    assert bench.state() == "pending", "what was due for the first one is gone with it"
    bench.clock.advance(0.5)
    assert bench.state() == "running"


# --- addresses --------------------------------------------------------------------------------------------


def addresses(bench: Bench) -> tuple[str | None, str, list[str]]:
    instance = bench.get()
    return instance.get("publicIpAddress"), instance["privateIpAddress"], instance["ipv6Addresses"]


@pytest.mark.parametrize("address_type", ["dualstack", "ipv4"])
def test_the_public_address_goes_with_a_stop_and_is_another_one_after_a_start(bench: Bench, address_type: str) -> None:
    bench.instance(state="pending", ipAddressType=address_type)
    assert addresses(bench)[0] is None
    bench.settle()
    first, *kept = addresses(bench)
    assert first is not None
    bench.client.reboot_instance(instanceName="web")
    assert addresses(bench) == (first, *kept)
    bench.client.stop_instance(instanceName="web")
    assert addresses(bench) == (first, *kept), "it is given up when the instance is down"
    bench.settle()
    assert addresses(bench) == (None, *kept)
    bench.client.start_instance(instanceName="web")
    assert addresses(bench) == (None, *kept)
    bench.settle()
    second, *still_kept = addresses(bench)
    assert second not in (None, first)
    assert still_kept == kept


def test_an_ipv6_only_instance_never_has_a_public_ipv4_address(bench: Bench) -> None:
    bench.instance(bundleId="nano_ipv6_3_0")
    before = addresses(bench)
    assert before[0] is None
    bench.client.stop_instance(instanceName="web")
    bench.settle()
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert addresses(bench) == before


# --- health -----------------------------------------------------------------------------------------------


def test_health_is_shown_where_it_is_asked_for(bench: Bench) -> None:
    bench.create("web")
    not_applicable = {"status": "not-applicable", "details": []}
    initializing = {"status": "initializing", "details": [{"name": "reachability", "status": "initializing"}]}
    ok = {"status": "ok", "details": [{"name": "reachability", "status": "passed"}]}

    def health() -> Any:
        plain = bench.get()
        shown = bench.get(includeHealthStatus=True)
        assert bench.client.get_instances(includeHealthStatus=True)["instances"] == [shown]
        assert bench.client.get_instances()["instances"] == [plain]
        instance, system = shown.pop("instanceStatus"), shown.pop("systemStatus")
        assert shown == plain
        assert instance == system
        return instance

    assert health() == not_applicable
    bench.clock.advance(1.5)
    assert health() == initializing
    bench.clock.advance(1.9)
    assert health() == initializing
    bench.clock.advance(0.2)
    assert health() == ok
    bench.client.reboot_instance(instanceName="web")
    assert health() == ok
    bench.client.stop_instance(instanceName="web")
    assert health() == not_applicable
    bench.settle()
    bench.client.start_instance(instanceName="web")
    bench.clock.advance(1)
    assert health() == initializing
