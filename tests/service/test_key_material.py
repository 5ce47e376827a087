"""Keys from seeds."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from skysail.service.nouns import key_material


def test_a_key_has_2048_bits_and_follows_from_its_seed() -> None:
    text = key_material.key_text("a")
    key = load_pem_private_key(text.private.encode(), None)  # checks the numbers
    assert isinstance(key, RSAPrivateKey)
    assert key.key_size == 2048
    key_material.key_text.cache_clear()
    assert key_material.key_text("a") == text != key_material.key_text("b")


@pytest.mark.skipif(which("ssh-keygen") is None, reason="needs OpenSSH's ssh-keygen")
def test_ssh_keygen_finds_the_public_key_in_the_private_one(tmp_path: Path) -> None:
    text = key_material.key_text("a")
    file = tmp_path / "key"
    file.write_text(text.private + "\n")
    file.chmod(0o600)
    found = subprocess.run(["ssh-keygen", "-y", "-f", file], capture_output=True, text=True, check=True)
    assert found.stdout.split()[:2] == text.public.split()
