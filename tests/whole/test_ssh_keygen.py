"""OpenSSH's own ssh-keygen on the keys and certificates that the service gives."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from bench import Bench

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed (openssh-client)"),
]


def ssh_keygen(*arguments: object) -> str:
    done = subprocess.run(
        ["ssh-keygen", *map(str, arguments)],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def written(file: Path, text: str) -> Path:
    """A file that only its owner reads, as ssh-keygen wants a private key to be."""
    file.write_text(text)
    file.chmod(0o600)
    return file


@pytest.fixture
def access(bench: Bench) -> dict[str, Any]:
    """The access details of an Ubuntu machine."""
    bench.instance(blueprintId="ubuntu_24_04")
    details: dict[str, Any] = bench.client.get_instance_access_details(instanceName="web")["accessDetails"]
    return details


def test_a_created_pairs_private_key_has_its_public_one(bench: Bench, tmp_path: Path) -> None:
    made = bench.client.create_key_pair(keyPairName="mine")
    key = written(tmp_path / "key", f"{made['privateKeyBase64']}\n")
    public = written(tmp_path / "public", made["publicKeyBase64"])
    assert ssh_keygen("-y", "-f", key).split()[:2] == made["publicKeyBase64"].split()
    assert ssh_keygen("-l", "-f", key).split()[:2] == ssh_keygen("-l", "-f", public).split()[:2]


def test_the_temporary_key_and_its_certificate_belong_together(access: dict[str, Any], tmp_path: Path) -> None:
    key = written(tmp_path / "tempkey", access["privateKey"])
    public = written(tmp_path / "tempkey.pub", ssh_keygen("-y", "-f", key))
    certificate = written(tmp_path / "tempkey-cert.pub", access["certKey"])
    fingerprint = ssh_keygen("-l", "-f", public).split()[1]
    assert f"Public key: RSA-CERT {fingerprint}" in ssh_keygen("-L", "-f", certificate)


def test_the_certificate_lets_the_user_in_until_it_expires(access: dict[str, Any], tmp_path: Path) -> None:
    told = ssh_keygen("-L", "-f", written(tmp_path / "tempkey-cert.pub", access["certKey"]))
    assert "Type: ssh-rsa-cert-v01@openssh.com user certificate" in told
    assert "Serial: 0\n" in told
    assert re.search(r"Principals: *\n +ubuntu\n", told)
    assert re.search(r"Signing CA: ED25519 SHA256:\S+ \(using ssh-ed25519\)", told)
    found = re.search(r"Valid: from (\S+) to (\S+)\n", told)
    assert found is not None
    assert found[2] == access["expiresAt"].strftime("%Y-%m-%dT%H:%M:%S")
    assert found[1] < found[2]


def test_a_certificate_with_a_changed_byte_is_refused(access: dict[str, Any], tmp_path: Path) -> None:
    kind, text = access["certKey"].split()
    content = bytearray(b64decode(text))
    content[80] ^= 1
    changed = written(tmp_path / "tempkey-cert.pub", f"{kind} {b64encode(content).decode()}\n")
    with pytest.raises(subprocess.CalledProcessError):
        ssh_keygen("-L", "-f", changed)


@pytest.mark.parametrize(("hash_name", "member"), [("sha1", "fingerprintSHA1"), ("sha256", "fingerprintSHA256")])
def test_host_keys_have_the_fingerprints_that_are_shown(
    access: dict[str, Any], tmp_path: Path, hash_name: str, member: str
) -> None:
    lines = [f"{access['ipAddress']} {key['algorithm']} {key['publicKey']}\n" for key in access["hostKeys"]]
    known_hosts = written(tmp_path / "known_hosts", "".join(lines))
    told = [line.split() for line in ssh_keygen("-l", "-E", hash_name, "-f", known_hosts).splitlines()]
    assert [words[1] for words in told] == [key[member] for key in access["hostKeys"]]
    assert [words[-1] for words in told] == ["(RSA)", "(ED25519)", "(ECDSA)"]
