"""What a resource is known by besides its name: ARN, support code, addresses.

All of it follows from the resource's id, so that it needs no counter and stays the same for ever. Forms as seen in
the real service's answers; the addresses are from ranges that belong to nobody on the public Internet (RFC 6598,
RFC 3849), so that a rehearsal never points at somebody's machine.
"""

from __future__ import annotations

import re
from base64 import b32decode
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address
from uuid import UUID

from skysail.store.base import Place

_IN_PRIVATE = int(IPv4Address("172.26.0.0"))
_IN_PUBLIC = int(IPv4Address("100.64.0.0"))

# AWS documentation's own; whose things are that nobody named an account for.
EXAMPLE_ACCOUNT = "123456789012"


def arn(place: Place, kind: str, resource_id: str) -> str:
    return f"arn:aws:lightsail:{place.region}:{place.account}:{kind}/{resource_id}"


def everywhere(place: Place) -> dict[str, str]:
    """The location of a resource that stands in no zone."""
    return {"availabilityZone": "all", "regionName": place.region}


GLOBAL = "global"


def globally(place: Place) -> Place:
    """As a resource's place is written that is in no region, though it is kept in one."""
    return place._replace(region=GLOBAL)


def support_code(place: Place, inner_id: str) -> str:
    """The number of the account in which Lightsail keeps the thing, then its id there."""
    return f"{_inner_account(place)}/{inner_id}"


def ec2_id(prefix: str, resource_id: str) -> str:
    """The id of the machine, volume or image behind a resource: i-, vol-, ami- or snap-, and 17 hexadecimal digits."""
    return f"{prefix}-{hex_digits(resource_id, 'machine', 17)}"


def support_arn(place: Place, service: str, tail: str) -> str:
    """The support code of what another service made for Lightsail: its ARN there, in a third account (seen)."""
    owner = f"{_number(f'behind lightsail {place.account} {place.region}', 12):012d}"
    return support_code(place, f"arn:aws:{service}:{place.region}:{owner}:{tail}")


def inner_uuid(resource_id: str) -> str:
    """The UUID of what stands behind a resource."""
    return str(UUID(hex_digits(resource_id, "inner", 32)))


def hex_digits(resource_id: str, what: str, length: int) -> str:
    """Hexadecimal digits that follow from an id, or from another text, and from what they are for."""
    return sha256(f"{resource_id} {what}".encode()).hexdigest()[:length]


def decimal_digits(resource_id: str, length: int) -> str:
    return f"{_number(f'{resource_id} decimal', length):0{length}d}"


def letters(text: str, length: int) -> str:
    """Small letters that follow from a text."""
    return "".join(chr(ord("a") + byte % 26) for byte in sha256(f"{text} letters".encode()).digest()[:length])


def base36(text: str, length: int) -> str:
    """Digits and small letters that follow from a text."""
    number = int.from_bytes(sha256(f"{text} base36".encode()).digest())
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[number // 36**place % 36] for place in range(length))


def base32_digits(resource_id: str, what: str, length: int) -> str:
    """Digits of base 32 with 0 to 9 and a to v, as in the names of roles."""
    number = int.from_bytes(sha256(f"{resource_id} {what}".encode()).digest())
    return "".join("0123456789abcdefghijklmnopqrstuv"[number >> 5 * place & 31] for place in range(length))


def serial(resource_id: str, occasion: int) -> str:
    """A certificate's serial number, 16 bytes with colons (seen); another one each time that it is issued."""
    return bytes.fromhex(hex_digits(resource_id, f"serial {occasion}", 32)).hex(":")


def private_ipv4(resource_id: str) -> str:
    """In 172.26.0.0/16, as in the real service's answers."""
    return _dotted(_IN_PRIVATE + 256 + _bits(resource_id, "private", 16) % 65_000)


def public_ipv4(resource_id: str, occasion: int) -> str:
    """In 100.64.0.0/10. A dynamic address is another one each time (`occasion`) it is given."""
    return _dotted(_IN_PUBLIC + _bits(resource_id, f"public {occasion}", 22))


def ipv6(resource_id: str, occasion: int = 0) -> str:
    """In 2001:db8::/32, eight groups of full length as seen in the real service's answers.

    One that was given up is never given again: the next `occasion` brings another one.
    """
    digits = f"20010db8{_bits(resource_id, f'ipv6 {occasion}' if occasion else 'ipv6', 96):024x}"
    return ":".join(digits[start : start + 4] for start in range(0, 32, 4))


@lru_cache(4096)
def account_number(text: str) -> str:
    """Twelve digits for an access key: the key itself where it is such a number, the account that a key of AWS's is of,
    so that a copy of an account is found with the account's own keys; of any other, always the same ones.

    `local`, with which skysail's clients sign where there is no key, names no account.
    """
    if text == "local":
        return EXAMPLE_ACCOUNT
    if len(text) == 12 and text.isascii() and text.isdigit():
        return text
    return _account_in_key(text) or f"{10**11 + _number(text, 12) % (9 * 10**11):012d}"


# Since 2019; older ones go on with I or J. Not documented, but published by several people, with examples (inferred).
_KEY_WITH_ACCOUNT = re.compile("A[KS]IA[Q-Z2-7][A-Z2-7]{15}")


def _account_in_key(access_key_id: str) -> str | None:
    """The account whose number is in the key: 40 bits behind the first one of its base 32."""
    if not _KEY_WITH_ACCOUNT.fullmatch(access_key_id):
        return None
    number = int.from_bytes(b32decode(access_key_id[4:])[:6]) >> 7 & (1 << 40) - 1
    return f"{number:012d}" if number < 10**12 else None


@lru_cache(4096)
def _inner_account(place: Place) -> str:
    return f"{_number(f'lightsail {place.account} {place.region}', 12):012d}"


def _dotted(address: int) -> str:
    return ".".join(map(str, address.to_bytes(4)))


def _bits(resource_id: str, what: str, count: int) -> int:
    return int.from_bytes(sha256(f"{resource_id} {what}".encode()).digest()) >> (256 - count)


def _number(text: str, digits: int) -> int:
    return int.from_bytes(sha256(text.encode()).digest()) % 10**digits  # type: ignore[no-any-return]
