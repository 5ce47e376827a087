"""Certificates, as `cryptography` reads and verifies them."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import SSHCertificate, SSHCertificateType, load_ssh_public_identity

from skysail.service.nouns.key_material import key_text
from skysail.service.nouns.ssh_certificate import certificate

PUBLIC = key_text("user").public


def made(*, authority: str = "authority", since: int = 1_700_000_000, principal: str = "ubuntu") -> str:
    return certificate(PUBLIC, authority, principal=principal, since=since, until=since + 780)


def read(text: str) -> SSHCertificate:
    found = load_ssh_public_identity(text.encode())
    assert isinstance(found, SSHCertificate)
    return found


def test_a_certificate_says_who_may_come_in_and_when() -> None:
    found = read(made())
    found.verify_cert_signature()
    assert found.type == SSHCertificateType.USER
    assert found.valid_principals == [b"ubuntu"]
    assert (found.valid_after, found.valid_before) == (1_700_000_000, 1_700_000_780)
    assert found.public_key() == load_ssh_public_identity(PUBLIC.encode())


def test_what_a_published_one_has_besides_is_here_too() -> None:
    found = read(made())
    assert found.serial == 0
    assert found.critical_options == {}
    assert list(found.extensions) == [
        b"permit-X11-forwarding",
        b"permit-agent-forwarding",
        b"permit-port-forwarding",
        b"permit-pty",
        b"permit-user-rc",
    ]
    number, _, code = found.key_id.decode().partition(":")
    assert -(2**63) <= int(number) < 2**63
    assert len(code) == 24


def test_a_changed_byte_breaks_the_signature() -> None:
    text = made()
    changed = text[:100] + ("A" if text[100] != "A" else "B") + text[101:]
    with pytest.raises(InvalidSignature):
        read(changed).verify_cert_signature()


def test_the_same_is_asked_and_the_same_comes_and_another_time_brings_another_nonce() -> None:
    assert made() == made()
    assert read(made()).nonce != read(made(since=1_700_000_600)).nonce


def test_one_authority_signs_for_all_and_another_seed_is_another_one() -> None:
    first, second, other = (read(made(principal="ubuntu")), read(made(principal="admin")), read(made(authority="b")))
    assert first.signature_key() == second.signature_key() != other.signature_key()
