"""Real keys from secret seeds: the same seed gives the same key, byte for byte.

The primes are found by a small search of our own, since no library takes a seed; encoding is left to `cryptography`,
which is imported only when a key is needed. A seed is a secret: whoever has it has the private key.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1, sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

BITS = 2048
"""Inferred from the size of the published examples."""
_EXPONENT = 65537
_SMALL = 1 << 16
_WINDOW = 4096
_ROUNDS = 4  # beside base 2: FIPS 186-5 wants 5 in all for primes of this length


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key pair as the service shows it."""

    public: str
    """An OpenSSH line without a comment."""
    private: str
    """PEM, "BEGIN RSA PRIVATE KEY"; no newline at its end."""
    fingerprint: str


class NotAPublicKey(ValueError):
    """The text is no RSA public key."""


@lru_cache(maxsize=64)
def key_text(seed: str) -> KeyText:
    """The RSA key pair of a seed, in some 0.1 to 0.4 s the first time."""
    from cryptography.hazmat.primitives import serialization as form

    key = rsa_key(seed)
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())
    der = key.private_bytes(form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    line = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    return KeyText(line.decode(), pem.decode().rstrip("\n"), _colons(sha1(der).digest()))


def imported(text: str) -> tuple[str, str]:
    """The OpenSSH line and the fingerprint of somebody's public key: such a line, or the base64 of one.

    Raises NotAPublicKey.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        line = text.strip() if text.strip().startswith("ssh-") else b64decode(text, validate=True).decode().strip()
        key = form.load_ssh_public_key(line.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise NotAPublicKey from None
    if not isinstance(key, RSAPublicKey):
        raise NotAPublicKey
    return _line(key), _colons(sha1(_der(key)).digest())  # inferred: SHA-1 too, over the public key


def rsa_key(seed: str) -> RSAPrivateKey:
    """The RSA private key of a seed."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = sorted((_prime(f"{seed} p"), _prime(f"{seed} q")), reverse=True)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def encrypted(text: str, public: str, seed: str) -> bytes:
    """A text under somebody's public key (an OpenSSH line), by PKCS #1 v1.5 with padding that the seed says."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    key = form.load_ssh_public_key(public.encode())
    assert isinstance(key, RSAPublicKey), "no other key is ever kept"
    size = (key.key_size + 7) // 8
    padding = bytes(byte or 1 for byte in secret_bytes(f"{seed} padding", size - len(text.encode()) - 3))
    numbers = key.public_numbers()
    block = int.from_bytes(b"\0\2" + padding + b"\0" + text.encode())
    return pow(block, numbers.e, numbers.n).to_bytes(size)


def _line(key: RSAPublicKey) -> str:
    from cryptography.hazmat.primitives import serialization as form

    return key.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()


def _der(key: RSAPublicKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    return key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)


def _colons(digest: bytes) -> str:
    return digest.hex(":")


def _prime(seed: str) -> int:
    """The first prime of half the key's length, from a start that the seed says, that fits the exponent."""
    size = BITS // 2
    start = (
        int.from_bytes(secret_bytes(seed, size // 8)) | 3 << (size - 2) | 1
    )  # the two highest bits: a product of full length
    for candidate in _unsieved(start):
        if candidate % _EXPONENT != 1 and _is_prime(candidate, seed):
            return candidate
    raise AssertionError("primes do not end")


def _unsieved(start: int) -> Iterator[int]:
    """Odd numbers from an odd start on that no small prime divides."""
    while True:
        window = bytearray(b"\1") * _WINDOW
        for small in _small_primes():
            first = (-start * ((small + 1) // 2)) % small  # start + 2 * first is its multiple
            window[first::small] = bytes(len(range(first, _WINDOW, small)))
        yield from (start + 2 * place for place, kept in enumerate(window) if kept)
        start += 2 * _WINDOW


@lru_cache(maxsize=1)
def _small_primes() -> tuple[int, ...]:
    sieve = bytearray(b"\1") * _SMALL
    for number in range(3, int(_SMALL**0.5) + 1, 2):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, _SMALL, number)))
    return tuple(number for number in range(3, _SMALL, 2) if sieve[number])


def _is_prime(number: int, seed: str) -> bool:
    """By Miller and Rabin: base 2, which nearly every composite fails, then bases that the seed says."""
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    bases = (2, *(int.from_bytes(secret_bytes(f"{seed} base {count}", 32)) for count in range(_ROUNDS)))
    return all(_passes(number, base, odd, twos) for base in bases)


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def secret_bytes(seed: str, length: int) -> bytes:
    """As many bytes as are asked for, from a seed."""
    blocks = range(-(-length // 32))
    return b"".join(sha256(f"skysail {seed} {block}".encode()).digest() for block in blocks)[:length]
