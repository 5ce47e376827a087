"""Key pairs through the service."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from skysail.errors import InvalidInputException, NotFoundException
from tests.bench import Bench, refusal
from tests.modelled import misfits

DEFAULT = "LightsailDefaultKeyPair"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def listed(bench: Bench, **options: Any) -> list[str]:
    return [pair["name"] for pair in bench.client.get_key_pairs(**options)["keyPairs"]]


def test_a_created_pair_is_shown_as_published(bench: Bench) -> None:
    made = bench.client.create_key_pair(keyPairName="mine")
    assert set(made["keyPair"]) == {"name", "arn", "supportCode", "createdAt", "location", "resourceType"}
    assert made["publicKeyBase64"].startswith("ssh-rsa AAAA")
    assert made["privateKeyBase64"].startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    assert made["operation"]["status"] == "Succeeded"
    assert (made["operation"]["operationType"], made["operation"]["resourceType"]) == ("CreateKeyPair", "KeyPair")
    pair = bench.client.get_key_pair(keyPairName="mine")["keyPair"]
    assert len(bytes.fromhex(pair["fingerprint"].replace(":", ""))) == 20
    assert pair["tags"] == []
    assert pair["supportCode"].endswith("/mine")


@pytest.mark.parametrize("operation", ["GetKeyPairs", "DownloadDefaultKeyPair"])
def test_answers_fit_the_model(bench: Bench, operation: str) -> None:
    assert misfits(operation, bench.send({}, operation)) == []


def test_the_same_seed_gives_the_same_key() -> None:
    first, second, other = (
        Bench(seed=seed).client.create_key_pair(keyPairName="mine")["privateKeyBase64"] for seed in (1, 1, 2)
    )
    assert first == second != other


def test_a_public_key_is_imported_as_a_line_or_its_base64(bench: Bench) -> None:
    line = bench.client.create_key_pair(keyPairName="mine")["publicKeyBase64"]
    bench.client.import_key_pair(keyPairName="plain", publicKeyBase64=f"{line} me@home")
    operation = bench.client.import_key_pair(keyPairName="coded", publicKeyBase64=b64encode(line.encode()).decode())[
        "operation"
    ]
    assert str(operation["operationType"]) == "ImportKeyPair"
    plain, coded = (bench.client.get_key_pair(keyPairName=name)["keyPair"] for name in ("plain", "coded"))
    assert plain["fingerprint"] == coded["fingerprint"]


@pytest.mark.parametrize(
    "text",
    [
        "nonsense!",
        "ssh-rsa AAAA",
        "",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
    ],
)
def test_what_is_no_rsa_public_key_is_refused(bench: Bench, text: str) -> None:
    with pytest.raises(InvalidInputException) as caught:
        bench.client.import_key_pair(keyPairName="mine", publicKeyBase64=text)
    assert refusal(caught.value).message == "The public key is not valid."


def test_names_are_shared_with_other_kinds(bench: Bench) -> None:
    bench.client.allocate_static_ip(staticIpName="mine")
    with pytest.raises(InvalidInputException) as caught:
        bench.client.create_key_pair(keyPairName="mine")
    assert refusal(caught.value).message == "Some names are already in use: mine"


@pytest.mark.parametrize("call", ["get_key_pair", "delete_key_pair"])
def test_an_unknown_pair_is_not_found(bench: Bench, call: str) -> None:
    with pytest.raises(NotFoundException) as caught:
        getattr(bench.client, call)(keyPairName="gone")
    assert refusal(caught.value).message == "The KeyPair does not exist: gone"


def test_the_first_instance_brings_the_default_pair_which_is_hidden(bench: Bench) -> None:
    assert listed(bench, includeDefaultKeyPair=True) == []
    bench.create("web")
    assert (listed(bench), listed(bench, includeDefaultKeyPair=True)) == ([], [DEFAULT])


def test_pages_are_full_beside_the_hidden_pair() -> None:
    bench = Bench(page_size=1)
    made = bench.client.create_key_pair(keyPairName="one")["publicKeyBase64"]
    bench.create("web")
    bench.client.import_key_pair(keyPairName="two", publicKeyBase64=made)
    first = bench.client.get_key_pairs()
    second = bench.client.get_key_pairs(pageToken=first["nextPageToken"])
    assert [page["keyPairs"][0]["name"] for page in (first, second)] == ["two", "one"]
    assert "nextPageToken" not in second


def test_the_default_pair_stays_the_same_until_it_is_deleted_by_its_fingerprint(bench: Bench) -> None:
    first = bench.client.download_default_key_pair()
    assert bench.client.download_default_key_pair()["privateKeyBase64"] == first["privateKeyBase64"]
    fingerprint = bench.client.get_key_pair(keyPairName=DEFAULT)["keyPair"]["fingerprint"]
    for wrong in ({}, {"expectedFingerprint": "00"}):
        with pytest.raises(InvalidInputException):
            bench.client.delete_key_pair(keyPairName=DEFAULT, **wrong)
    bench.client.delete_key_pair(keyPairName=DEFAULT, expectedFingerprint=fingerprint)
    assert listed(bench, includeDefaultKeyPair=True) == []
    assert bench.client.download_default_key_pair()["privateKeyBase64"] != first["privateKeyBase64"]


def test_an_instance_keeps_a_deleted_pair(bench: Bench) -> None:
    bench.client.create_key_pair(keyPairName="mine", tags=[{"key": "for", "value": "web"}])
    bench.instance("web", keyPairName="mine")
    deleted = bench.client.delete_key_pair(keyPairName="mine")["operation"]
    assert str(deleted["operationType"]) == "DeleteKeyPair"
    assert bench.get("web")["sshKeyName"] == "mine"
