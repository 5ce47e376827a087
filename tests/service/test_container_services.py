"""Container services: what a new one is like, its states by the clock, its domain names, its end, and refusals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits
from skysail.server import LocalLightsail, inspection
from skysail.world import ManualClock, manual_world

NGINX = {"containers": {"web": {"image": "nginx:1.27", "ports": {"80": "HTTP"}}}}
ENDPOINT = {"publicEndpoint": {"containerName": "web", "containerPort": 80}}


def create(bench: Bench, name: str = "shop", **more: Any) -> dict[str, Any]:
    order = {"serviceName": name, "power": "nano", "scale": 1, **more}
    return dict(bench.client.create_container_service(**order)["containerService"])


def service(bench: Bench, name: str = "shop") -> dict[str, Any]:
    (found,) = bench.client.get_container_services(serviceName=name)["containerServices"]
    return dict(found)


def update(bench: Bench, **more: Any) -> dict[str, Any]:
    return dict(bench.client.update_container_service(serviceName="shop", **more)["containerService"])


def ready(bench: Bench, name: str = "shop", **more: Any) -> None:
    create(bench, name, **more)
    bench.settle()


def certificate(bench: Bench, name: str = "cert", domain: str = "example.com", issued: bool = True) -> None:
    bench.client.create_certificate(certificateName=name, domainName=domain)
    if issued:
        bench.settle()


def states(bench: Bench, seconds: float, times: int) -> list[str]:
    """The state, with its detail where there is one, at each of some times."""
    found = []
    for _ in range(times):
        shown = service(bench)
        found.append(" ".join([shown["state"], *([shown["stateDetail"]["code"]] if "stateDetail" in shown else [])]))
        bench.clock.advance(seconds)
    return found


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def test_a_new_service_has_the_members_that_real_answers_show(bench: Bench) -> None:
    found = create(bench, tags=[{"key": "a"}])
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:ContainerService/[0-9a-f-]{36}", found.pop("arn"))
    assert re.fullmatch(r"https://shop\.[a-z0-9]{13}\.us-east-1\.cs\.amazonlightsail\.com/", found.pop("url"))
    assert found == {
        "containerServiceName": "shop",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "ContainerService",
        "tags": [{"key": "a"}],
        "power": "nano",
        "powerId": "nano-1",
        "state": "PENDING",
        "stateDetail": {"code": "CREATING_SYSTEM_RESOURCES", "message": ""},
        "scale": 1,
        "isDisabled": False,
        "principalArn": "",
        "privateDomainName": "shop.service.local",
        "privateRegistryAccess": {"ecrImagePullerRole": {"isActive": False, "principalArn": ""}},
    }
    bench.settle()
    role = r"arn:aws:iam::\d{12}:role/amazon/lightsail/us-east-1/containers/shop/[0-9a-v]{52}"
    assert re.fullmatch(role, service(bench)["principalArn"])


def test_times_are_whole_seconds() -> None:
    bench = Bench(clock=ManualClock(START + 0.75))
    assert create(bench)["createdAt"] == datetime.fromtimestamp(START, UTC)


def test_states_go_by_the_clock() -> None:
    bench = Bench(pace="real")
    create(bench)
    assert states(bench, 15, 5) == [
        "PENDING CREATING_SYSTEM_RESOURCES",
        "PENDING CREATING_NETWORK_INFRASTRUCTURE",
        "PENDING PROVISIONING_CERTIFICATE",
        "PENDING PROVISIONING_SERVICE",
        "READY",
    ]
    update(bench, scale=2, power="small")
    assert states(bench, 20, 2) == ["UPDATING PROVISIONING_SERVICE", "READY"]
    assert (service(bench)["scale"], service(bench)["power"], service(bench)["powerId"]) == (2, "small", "small-1")
    update(bench, isDisabled=True)
    assert states(bench, 20, 2) == ["UPDATING PROVISIONING_SERVICE", "DISABLED"]
    update(bench, power="nano")
    assert states(bench, 20, 2)[-1] == "DISABLED"
    update(bench, isDisabled=False)
    assert states(bench, 20, 2)[-1] == "READY"
    bench.client.delete_container_service(serviceName="shop")
    assert states(bench, 1, 1) == ["DELETING"]
    bench.clock.advance(10)
    assert bench.client.get_container_services()["containerServices"] == []


def test_a_service_that_is_made_with_a_deployment_deploys_it_when_it_is_there() -> None:
    bench = Bench(pace="real")
    assert create(bench, deployment={**NGINX, **ENDPOINT})["nextDeployment"]["state"] == "ACTIVATING"
    bench.clock.advance(60)
    assert states(bench, 37, 4) == [
        "DEPLOYING CREATING_DEPLOYMENT",
        "DEPLOYING EVALUATING_HEALTH_CHECK",
        "DEPLOYING ACTIVATING_DEPLOYMENT",
        "RUNNING",
    ]
    shown = service(bench)
    assert shown["currentDeployment"]["version"] == 1
    assert "nextDeployment" not in shown
    assert entries(bench.operations()) == [
        ("ContainerService", "shop", "CreateContainerService", None, "Succeeded"),
        ("ContainerService", "shop", "CreateContainerServiceDeployment", None, "Succeeded"),
    ]


def test_the_calls_answer_no_operations_and_the_journal_has_them(bench: Bench) -> None:
    ready(bench)
    update(bench, scale=3)
    assert bench.client.delete_container_service(serviceName="shop").keys() == {"ResponseMetadata"}
    bench.settle()
    assert entries(bench.operations()) == [
        ("ContainerService", "shop", "CreateContainerService", None, "Succeeded"),
        ("ContainerService", "shop", "UpdateContainerService", None, "Failed"),
        ("ContainerService", "shop", "DeleteContainerService", None, "Succeeded"),
    ]
    assert faults(bench) == []


def test_all_services_are_listed_newest_first_and_one_by_name(bench: Bench) -> None:
    create(bench)
    create(bench, "blog")
    listed = bench.client.get_container_services()["containerServices"]
    assert [one["containerServiceName"] for one in listed] == ["blog", "shop"]
    assert listed[1] == service(bench)
    assert misfits("GetContainerServices", bench.send({}, "GetContainerServices")) == []
    assert bench.lightsail.client("eu-west-1").get_container_services()["containerServices"] == []


def test_powers_and_the_plug_ins_version_are_told(bench: Bench) -> None:
    powers = bench.client.get_container_service_powers()["powers"]
    assert [(one["name"], one["powerId"], one["price"]) for one in powers][::5] == [
        ("nano", "nano-1", 7.0),
        ("xlarge", "xlarge-1", 160.0),
    ]
    assert misfits("GetContainerServicePowers", bench.send({}, "GetContainerServicePowers")) == []
    (entry,) = bench.client.get_container_api_metadata()["metadata"]
    assert entry["name"] == "lightsailctlVersion"
    assert re.fullmatch(r"v\d+\.\d+\.\d+", entry["value"])


def test_tags_are_put_on_and_taken_off(bench: Bench) -> None:
    create(bench, tags=[{"key": "a", "value": "1"}])
    bench.client.tag_resource(resourceName="shop", tags=[{"key": "b"}])
    bench.client.untag_resource(resourceName="shop", tagKeys=["a"])
    assert service(bench)["tags"] == [{"key": "b"}]


def test_the_role_that_pulls_private_images_is_there_a_little_later(bench: Bench) -> None:
    def role() -> Any:
        return service(bench)["privateRegistryAccess"]["ecrImagePullerRole"]

    create(bench, privateRegistryAccess={"ecrImagePullerRole": {"isActive": True}})
    assert role() == {"isActive": True, "principalArn": ""}
    bench.settle()
    assert "/containers/shop/private-repo-access/" in role()["principalArn"]
    update(bench, privateRegistryAccess={"ecrImagePullerRole": {"isActive": False}})
    assert role() == {"isActive": False, "principalArn": ""}


# --- domain names -----------------------------------------------------------------------------------------


def test_a_certificate_knows_the_service_until_its_names_are_taken_away_or_the_service_is_gone(bench: Bench) -> None:
    def users(name: str) -> int:
        (found,) = bench.client.get_certificates(certificateName=name)["certificates"]
        return int(found["certificateDetail"]["inUseResourceCount"])

    certificate(bench)
    certificate(bench, "other", "other.example.com")
    ready(bench, publicDomainNames={"cert": ["example.com"]})
    assert users("cert") == 1
    update(bench, publicDomainNames={"other": ["other.example.com"]})
    both = {"cert": ["example.com"], "other": ["other.example.com"]}
    assert service(bench)["publicDomainNames"] == both
    bench.settle()
    update(bench, publicDomainNames={"cert": []})
    assert service(bench)["publicDomainNames"] == {"other": ["other.example.com"]}
    assert (users("cert"), users("other")) == (0, 1)
    assert faults(bench) == []
    bench.settle()
    bench.client.delete_container_service(serviceName="shop")
    bench.settle()
    assert users("other") == 0


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"nil": ["x.org"]}, 'Certificates "nil" provided for service "shop" do not exist.'),
        (
            {"new": ["new.org"]},
            'Certificate "new" provided for service "shop" has PENDING_VALIDATION status, required status: ISSUED.',
        ),
        ({"cert": ["x.org"]}, 'Certificate "cert" provided for service "shop" does not cover domain "x.org".'),
        ({"cert": ["example.com"]}, 'Domain "example.com" is already in use by service "blog".'),
    ],
)
def test_domain_names_need_an_issued_certificate_that_covers_them(
    bench: Bench, wanted: dict[str, list[str]], message: str
) -> None:
    certificate(bench)
    create(bench, "blog", publicDomainNames={"cert": ["example.com"]})
    certificate(bench, "new", "new.org", issued=False)
    found = refused(create, bench=bench, publicDomainNames=wanted)
    assert (found.kind, found.message) == ("InvalidInputException", message)


def test_a_service_has_four_domain_names_at_most(bench: Bench) -> None:
    names = [f"{letter}.example.com" for letter in "abcd"]
    bench.client.create_certificate(certificateName="cert", domainName="example.com", subjectAlternativeNames=names)
    bench.settle()
    create(bench, publicDomainNames={"cert": names})
    found = refused(create, bench=bench, name="blog", publicDomainNames={"cert": ["example.com", *names]})
    assert found.message == 'Service "blog" can have at most 4 public domain names.'


# --- refusals ---------------------------------------------------------------------------------------------

PATTERN = "^(?:[a-z0-9]{1,2}|[a-z0-9][a-z0-9-]+[a-z0-9])$"


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"name": "Shop"}, f'Service name "Shop" does not match pattern: {PATTERN}'),
        ({"name": "a" * 64}, f'Service name "{"a" * 64}" does not match pattern: {PATTERN}'),
        ({"scale": 21}, "The scale must be from 1 to 20: 21"),
        ({"name": "web"}, "Some names are already in use: web"),
        ({"deployment": {}}, 'Deployment for service "shop" must have from 1 to 10 containers.'),
    ],
)
def test_what_does_not_fit_is_refused(bench: Bench, order: dict[str, Any], message: str) -> None:
    bench.instance("web")
    found = refused(create, bench=bench, **order)
    assert (found.kind, found.message) == ("InvalidInputException", message)
    assert bench.client.get_container_services()["containerServices"] == []


@pytest.mark.parametrize(
    "call",
    [
        "get_container_services",
        "update_container_service",
        "delete_container_service",
        "get_container_images",
        "get_container_service_deployments",
    ],
)
def test_what_is_not_there_is_not_found(bench: Bench, call: str) -> None:
    found = refused(getattr(bench.client, call), serviceName="nil")
    assert found == Refusal("NotFoundException", "DoesNotExist", 'Sorry, service "nil" does not exist.', 400)


def test_nothing_can_be_changed_while_something_goes_on(bench: Bench) -> None:
    wait = "Please wait for it to complete before trying again."
    create(bench)
    assert refused(update, bench=bench).message == f'Sorry, service "shop" is being created. {wait}'
    bench.settle()
    update(bench)
    assert refused(update, bench=bench).message == f'Sorry, service "shop" is being updated. {wait}'
    bench.settle()
    bench.client.create_container_service_deployment(serviceName="shop", **NGINX)
    message = f'Sorry, deployment 1 is in progress for service "shop". {wait}'
    assert refused(update, bench=bench) == Refusal("InvalidInputException", "InvalidState", message)
    bench.client.delete_container_service(serviceName="shop")
    assert refused(update, bench=bench).message == 'Sorry, service "shop" is being deleted.'
    again = refused(bench.client.delete_container_service, serviceName="shop")
    assert again.message == 'Sorry, service "shop" is being deleted.'


def test_quotas_are_minded_where_they_are_asked_for() -> None:
    clock = ManualClock(START)
    with LocalLightsail(world=manual_world(clock=clock), quotas="real") as lightsail:
        client = lightsail.client("us-east-1")

        def create(number: int) -> None:
            client.create_container_service(serviceName=f"shop-{number}", power="nano", scale=1)

        for number in range(100):
            if number == 5:
                found = refused(create, number=number)
                assert found.message == "Sorry, at most 5 services can be created or updated at the same time."
            if number % 5 == 0:
                clock.advance(60)
            create(number)
        clock.advance(60)
        assert refused(create, number=100) == Refusal(
            "InvalidInputException",
            "LimitExceeded",
            "Sorry, you've either reached or will exceed your maximum limit of Lightsail Container Services.",
        )
