"""A user certificate as OpenSSH reads it (PROTOCOL.certkeys), signed by a key that follows from a secret seed.

Written here because no library writes one with a given nonce, and a held clock must give the same bytes.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode

from skysail.service.nouns.key_material import secret_bytes

TYPE = "ssh-rsa-cert-v01@openssh.com"
_USER = 1
_SERIAL = 0  # seen, as the extensions and the form of the key id are: in the certificate of a published answer
_PERMITS = (
    "permit-X11-forwarding",
    "permit-agent-forwarding",
    "permit-port-forwarding",
    "permit-pty",
    "permit-user-rc",
)


def certificate(public: str, authority_seed: str, *, principal: str, since: int, until: int) -> str:
    """A certificate that lets the holder of an RSA key (an OpenSSH line) in as `principal`; seconds since 1970.

    The authority's own key is Ed25519, where a published answer has RSA of 4096 bits: that would take seconds to make.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    authority = Ed25519PrivateKey.from_private_bytes(secret_bytes(f"{authority_seed} authority", 32))
    raw = authority.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    occasion = f"{authority_seed} {public} {since}"
    key = b64decode(public.split()[1])
    body = b"".join(
        (
            _text(TYPE.encode()),
            _text(secret_bytes(f"{occasion} nonce", 32)),
            key[len(_text(b"ssh-rsa")) :],  # exponent and modulus, as they stand in the key
            struct.pack(">QI", _SERIAL, _USER),
            _text(_key_id(occasion).encode()),
            _text(_text(principal.encode())),
            struct.pack(">QQ", since, until),
            _text(b""),  # no critical options
            _text(b"".join(_text(name.encode()) + _text(b"") for name in _PERMITS)),
            _text(b""),
            _text(_text(b"ssh-ed25519") + _text(raw)),
        )
    )
    signature = _text(_text(b"ssh-ed25519") + _text(authority.sign(body)))
    return f"{TYPE} {b64encode(body + signature).decode()}"


def _key_id(occasion: str) -> str:
    """A signed number of 64 bits and the base64 of 16 bytes."""
    number = int.from_bytes(secret_bytes(f"{occasion} number", 8), signed=True)
    return f"{number}:{b64encode(secret_bytes(f'{occasion} id', 16)).decode()}"


def _text(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
