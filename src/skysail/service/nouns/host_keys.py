"""What a machine shows to those who connect: its SSH host keys, or its certificate for RDP. All from a secret seed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1, sha256
from typing import Any

from skysail.service.nouns.key_material import rsa_key, secret_bytes

CERTIFICATE_S = 182 * 86_400
"""How long an RDP certificate is valid: what Windows gives its own (inferred)."""
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def ssh_host_keys(seed: str, witnessed_at: float) -> list[dict[str, Any]]:
    """The keys in the order of a published answer; `witnessed_at` is when the service saw them."""
    return [
        {
            "algorithm": algorithm,
            "publicKey": b64encode(blob).decode(),
            "witnessedAt": round(witnessed_at, 3),
            "fingerprintSHA1": f"SHA1:{_unpadded(sha1(blob).digest())}",
            "fingerprintSHA256": f"SHA256:{_unpadded(sha256(blob).digest())}",
        }
        for algorithm, blob in _ssh_keys(seed)
    ]


def rdp_certificate(seed: str, name: str, since: float, witnessed_at: float) -> dict[str, Any]:
    """A self-signed certificate of a Windows machine; its text is the base64 of its DER form (inferred)."""
    start = int(since)
    der = _certificate(seed, name, start)
    return {
        "algorithm": "x509-cert",
        "publicKey": b64encode(der).decode(),
        "witnessedAt": round(witnessed_at, 3),
        "fingerprintSHA1": sha1(der).digest().hex(":"),
        "fingerprintSHA256": sha256(der).digest().hex(":"),
        "notValidBefore": start,
        "notValidAfter": start + CERTIFICATE_S,
    }


@lru_cache(maxsize=256)
def _ssh_keys(seed: str) -> tuple[tuple[str, bytes], ...]:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    number = int.from_bytes(secret_bytes(f"{seed} ecdsa", 40)) % (_P256_ORDER - 1) + 1
    keys = (
        rsa_key(f"{seed} rsa").public_key(),
        ed25519.Ed25519PrivateKey.from_private_bytes(secret_bytes(f"{seed} ed25519", 32)).public_key(),
        ec.derive_private_key(number, ec.SECP256R1()).public_key(),
    )
    lines = (key.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).split() for key in keys)
    return tuple((line[0].decode(), b64decode(line[1])) for line in lines)


@lru_cache(maxsize=256)
def _certificate(seed: str, name: str, start: int) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    key = rsa_key(f"{seed} rdp")
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(secret_bytes(f"{seed} serial", 8)) | 1)
        .not_valid_before(datetime.fromtimestamp(start, UTC))
        .not_valid_after(datetime.fromtimestamp(start + CERTIFICATE_S, UTC))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def _unpadded(digest: bytes) -> str:
    return b64encode(digest).decode().rstrip("=")
