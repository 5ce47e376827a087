"""Access details through the service: temporary keys, host keys, and passwords of Windows machines."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench import ORDER, Bench, refusal
from modelled import misfits
from skysail.errors import NotFoundException, ServiceError
from skysail.service.families.access import get_instance_access_details

WINDOWS = {"blueprintId": "windows_server_2022", "bundleId": "medium_win_3_0"}
AUTHORITY = 4 + 11 + 4 + 32
"""How many bytes of a certificate its authority's key has, before the signature."""
SIGNATURE = 4 + 4 + 11 + 4 + 64
ALGORITHMS = ["ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256"]


def details(bench: Bench, name: str = "web", **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_instance_access_details(instanceName=name, **asked)["accessDetails"]
    return found


# --- ssh --------------------------------------------------------------------------------------------------


def test_a_linux_machine_is_entered_by_ssh_as_its_blueprint_says(bench: Bench) -> None:
    bench.instance()
    found, instance = details(bench), bench.get()
    assert set(found) == {
        *("certKey", "privateKey", "expiresAt", "hostKeys", "protocol", "instanceName", "username"),
        *("ipAddress", "ipv6Addresses"),
    }
    assert (found["protocol"], found["instanceName"], found["username"]) == ("ssh", "web", "ec2-user")
    assert found["ipAddress"] == instance["publicIpAddress"]
    assert found["ipv6Addresses"] == instance["ipv6Addresses"]
    assert [key["algorithm"] for key in found["hostKeys"]] == ALGORITHMS


def test_an_address_that_is_not_there_is_not_shown(bench: Bench) -> None:
    bench.instance(bundleId="nano_ipv6_3_0")
    assert "ipAddress" not in details(bench)
    bench.instance("old", ipAddressType="ipv4")
    assert "ipv6Addresses" not in details(bench, "old")


def test_temporary_keys_are_the_same_until_they_expire(bench: Bench) -> None:
    bench.instance()
    first = details(bench)
    bench.clock.advance(599)
    assert details(bench) == first
    bench.clock.advance(1)
    later = details(bench)
    assert later["privateKey"] != first["privateKey"]
    assert later["expiresAt"] == first["expiresAt"] + timedelta(minutes=10)
    assert later["hostKeys"] == first["hostKeys"], "the machine is still the same"


def test_host_keys_are_seen_a_while_after_the_start_and_anew_after_they_were_forgotten(bench: Bench) -> None:
    bench.create("web")
    bench.clock.advance(1.6)
    assert details(bench)["hostKeys"] == []
    bench.settle()
    first = details(bench)["hostKeys"]
    [operation] = bench.client.delete_known_host_keys(instanceName="web")["operations"]
    assert (operation["operationType"], operation["status"]) == ("DeleteKnownHostKeys", "Succeeded")
    assert details(bench)["hostKeys"] == []
    bench.settle()
    again = details(bench)["hostKeys"]
    assert [key["publicKey"] for key in again] == [key["publicKey"] for key in first]
    assert again[0]["witnessedAt"] > first[0]["witnessedAt"]


def test_two_machines_share_no_key(bench: Bench) -> None:
    bench.instance("one")
    bench.instance("two")
    one, two = details(bench, "one"), details(bench, "two")
    assert one["privateKey"] != two["privateKey"]
    assert not {key["publicKey"] for key in one["hostKeys"]} & {key["publicKey"] for key in two["hostKeys"]}


def test_all_certificates_of_a_region_are_signed_by_one_authority_and_another_regions_by_another(bench: Bench) -> None:
    def authority(found: dict[str, Any]) -> bytes:
        return base64.b64decode(found["certKey"].split()[1])[-SIGNATURE - AUTHORITY : -SIGNATURE]

    bench.instance("one")
    bench.instance("two")
    elsewhere = bench.lightsail.client("eu-west-1")
    elsewhere.create_instances(instanceNames=["one"], **ORDER | {"availabilityZone": "eu-west-1a"})
    bench.settle()
    one, two = details(bench, "one"), details(bench, "two")
    other = dict(elsewhere.get_instance_access_details(instanceName="one")["accessDetails"])
    assert b"ssh-ed25519" in authority(one)
    assert authority(one) == authority(two) != authority(other)


def test_what_is_kept_for_it_shows_nowhere(bench: Bench) -> None:
    bench.instance()

    def shown() -> tuple[Any, ...]:
        return bench.get(), bench.client.get_active_names()["activeNames"], bench.operations()

    before = shown()
    details(bench)
    assert shown() == before


@pytest.mark.parametrize("order", [{}, WINDOWS], ids=["linux", "windows"])
def test_answers_fit_the_model(bench: Bench, order: dict[str, str]) -> None:
    bench.instance(**order)
    for operation in ("GetInstanceAccessDetails", "DeleteKnownHostKeys"):
        assert misfits(operation, bench.send({"instanceName": "web"}, operation)) == []


# --- rdp --------------------------------------------------------------------------------------------------


def test_a_windows_machine_has_a_password_when_it_is_ready(bench: Bench) -> None:
    bench.create("web", **WINDOWS)
    bench.clock.advance(1.6)
    assert (details(bench)["password"], details(bench)["hostKeys"]) == ("", [])
    bench.settle()
    found = details(bench)
    assert (found["protocol"], found["username"]) == ("rdp", "Administrator")
    assert len(found["password"]) == 32
    assert found["passwordData"] == {"ciphertext": "", "keyPairName": "LightsailDefaultKeyPair"}
    assert details(bench, protocol="rdp") == found
    assert not {"certKey", "privateKey", "expiresAt"} & set(found)


def test_a_password_stays_when_the_host_keys_are_forgotten(bench: Bench) -> None:
    bench.instance(**WINDOWS)
    first = details(bench)
    bench.client.delete_known_host_keys(instanceName="web")
    found = details(bench)
    assert (found["password"], found["hostKeys"]) == (first["password"], [])


def test_the_rdp_certificate_is_a_real_one(bench: Bench) -> None:
    bench.instance(**WINDOWS)
    [key] = details(bench)["hostKeys"]
    certificate = x509.load_der_x509_certificate(base64.b64decode(key["publicKey"]))
    certificate.verify_directly_issued_by(certificate)
    assert key["algorithm"] == "x509-cert"
    assert key["notValidBefore"] == certificate.not_valid_before_utc == datetime.fromtimestamp(1_700_000_000, UTC)
    assert key["notValidAfter"] == certificate.not_valid_after_utc
    assert len(key["fingerprintSHA1"].split(":")) == 20


def test_under_a_pair_of_ones_own_the_password_is_encrypted_for_it_for_ever(bench: Bench) -> None:
    private = bench.client.create_key_pair(keyPairName="mine")["privateKeyBase64"]
    bench.instance(**WINDOWS, keyPairName="mine")
    found = details(bench)
    assert (found["password"], found["passwordData"]["keyPairName"]) == ("", "mine")
    key = load_pem_private_key(private.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    assert len(key.decrypt(base64.b64decode(found["passwordData"]["ciphertext"]), PKCS1v15())) == 32
    bench.client.delete_key_pair(keyPairName="mine")
    bench.client.create_key_pair(keyPairName="mine")
    assert details(bench) == found


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "state", "protocol", "text"),
    [
        ({}, "pending", "ssh", "You can't access this instance because it is not running: web"),
        ({}, "stopped", "ssh", "You can't access this instance because it is not running: web"),
        ({}, "running", "rdp", "The instance doesn't support the protocol: rdp"),
        (WINDOWS, "running", "ssh", "The instance doesn't support the protocol: ssh"),
    ],
)
def test_what_cannot_be_entered_is_refused(
    bench: Bench, order: dict[str, str], state: str, protocol: str, text: str
) -> None:
    bench.instance(state=state, **order)
    with pytest.raises(ServiceError) as caught:
        details(bench, protocol=protocol)
    assert refusal(caught.value).message == text


def test_no_such_instance(bench: Bench) -> None:
    for call in (bench.client.get_instance_access_details, bench.client.delete_known_host_keys):
        with pytest.raises(NotFoundException, match="The Instance does not exist: web"):
            call(instanceName="web")


def test_the_same_seed_gives_the_same_keys() -> None:
    def life() -> dict[str, Any]:
        bench = Bench()
        bench.instance()
        return details(bench)

    assert life() == life()


def test_other_calls_do_not_wait_for_keys_to_be_made(bench: Bench) -> None:
    """The answer is worked out when the transaction has ended: whoever makes it may use the store meanwhile."""
    bench.instance()
    with bench.lightsail.store.begin(write=True) as transaction:
        [place] = transaction.places("Instance")
        context = bench.lightsail.service._context(transaction, place, bench.clock.now(), "", {})
        answer = get_instance_access_details(context, {"instanceName": "web"})
    assert answer()["accessDetails"]["instanceName"] == "web"
