"""Host keys and RDP certificates from seeds, as `cryptography` reads them."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from skysail.service.nouns import host_keys

SEEN_AT = 1_700_000_040.1234


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("ssh-rsa", RSAPublicKey), ("ssh-ed25519", Ed25519PublicKey), ("ecdsa-sha2-nistp256", EllipticCurvePublicKey)],
)
def test_a_host_has_a_key_of_each_kind(algorithm: str, kind: type) -> None:
    [key] = [key for key in host_keys.ssh_host_keys("host", SEEN_AT) if key["algorithm"] == algorithm]
    assert isinstance(load_ssh_public_key(f"{algorithm} {key['publicKey']}".encode()), kind)
    assert key["witnessedAt"] == 1_700_000_040.123
    assert len(b64decode(key["fingerprintSHA1"].removeprefix("SHA1:") + "=")) == 20
    assert len(b64decode(key["fingerprintSHA256"].removeprefix("SHA256:") + "=")) == 32


def test_a_hosts_keys_follow_from_its_seed() -> None:
    first = host_keys.ssh_host_keys("host", SEEN_AT)
    host_keys._ssh_keys.cache_clear()
    assert host_keys.ssh_host_keys("host", SEEN_AT) == first != host_keys.ssh_host_keys("another", SEEN_AT)


def test_a_windows_machines_certificate_is_its_own() -> None:
    shown = host_keys.rdp_certificate("host", "web", 1_700_000_000.5, SEEN_AT)
    found = x509.load_der_x509_certificate(b64decode(shown["publicKey"]))
    found.verify_directly_issued_by(found)
    assert found.subject.rfc4514_string() == "CN=web"
    assert (found.not_valid_after_utc - found.not_valid_before_utc).total_seconds() == host_keys.CERTIFICATE_S
    assert shown["notValidBefore"] == 1_700_000_000
    assert shown == host_keys.rdp_certificate("host", "web", 1_700_000_000.5, SEEN_AT)


def test_a_name_longer_than_a_certificate_may_have_is_cut() -> None:
    shown = host_keys.rdp_certificate("host", "w" * 255, 1_700_000_000, SEEN_AT)
    assert x509.load_der_x509_certificate(b64decode(shown["publicKey"])).subject.rfc4514_string() == f"CN={'w' * 64}"
