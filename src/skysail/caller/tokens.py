"""The text of a StartingToken, and the values it stands for: the form botocore and the AWS CLI use.

A token is the base64 of a JSON object: the arguments that lead to a page, and, when part of that page has
been delivered already, how many of its items (`boto_truncate_amount`, last). Tokens go to and come from
other programs, so the text is equal to theirs byte for byte.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

AMOUNT = "boto_truncate_amount"
_BYTES_AT = "boto_encoded_keys"


class StartingPoint(NamedTuple):
    """Where a listing is taken up again.

    `values` are the arguments that lead to the page, None for "leave it out". `amount` is how many of its
    items come first and were delivered before: a number, but any JSON value can stand in a token. `partial`
    says whether the token spoke of an amount at all: then its page has been handed out before, up to there.
    """

    values: dict[str, Any]
    amount: Any
    partial: bool


def encode(values: Mapping[str, Any]) -> str:
    """The token for these values, in their order. Raises TypeError for what is neither JSON nor bytes."""
    if len(values) == 1:
        ((name, value),) = values.items()
        if _is_plain(name) and _is_plain(value):
            return _base64(f'{{"{name}": "{value}"}}')  # what json.dumps would write, sooner
    try:
        return _base64(json.dumps(values))
    except TypeError:
        return _base64(json.dumps(_without_bytes(values)))


def encode_resume(values: Any, input_tokens: Sequence[str]) -> str:
    """The token for values that must be a place in this listing: exactly its input tokens, perhaps an amount.

    Raises ValueError for anything else.
    """
    if not isinstance(values, dict) or values.keys() - {AMOUNT} != set(input_tokens):
        raise ValueError(f"Bad starting token: {values}")
    return encode(values)


def parse(text: Any, input_tokens: Sequence[str]) -> StartingPoint:
    """What a StartingToken asks for. Text that is no encoded object is an old-style token,
    `token___amount`, or the service's own token.

    Raises ValueError for text that can be neither; TypeError for anything but a string.
    """
    if not isinstance(text, str):
        raise TypeError(f"StartingToken must be a str, such as a page's NextToken, not {type(text).__name__}")
    try:
        values = json.loads(b64decode(text.encode()).decode())
    except ValueError:
        return _parse_old_style(text, input_tokens)
    except RecursionError:
        raise ValueError(f"Bad starting token: {text}") from None
    if isinstance(values, list):  # botocore takes it for the service's own token, not for a bad one
        return _parse_old_style(text, input_tokens)
    if not isinstance(values, dict):
        raise ValueError(f"Bad starting token: {text}")
    try:
        _restore_bytes(values, values.pop(_BYTES_AT, None))
    except (ValueError, TypeError):
        return _parse_old_style(text, input_tokens)
    except (LookupError, AttributeError) as error:
        raise ValueError(f"Bad starting token: {text}") from error
    partial = AMOUNT in values
    return StartingPoint(values, values.pop(AMOUNT, 0), partial)


def _is_plain(text: Any) -> bool:
    """Whether it is a text that JSON writes as it stands."""
    if type(text) is not str:
        return False
    return text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _without_bytes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with base64 text in place of bytes, and last the paths at which that was done."""
    paths = [path for path, value in _leaves(values, ()) if isinstance(value, bytes)]
    return {**_as_text(values), _BYTES_AT: paths}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each value that is no structure and no list, with the names and indexes that lead to it."""
    inside: Iterable[tuple[Any, Any]]
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    else:
        yield path, value
        return
    for step, inner in inside:
        yield from _leaves(inner, (*path, step))


def _restore_bytes(values: dict[str, Any], paths: Any) -> None:
    """Turn the texts at these paths back into bytes, in place. Nothing about `paths` can be relied on: it
    fails with ValueError, TypeError, LookupError or AttributeError.
    """
    for path in [] if paths is None else paths:
        found = b64decode(_at(values, path).encode())
        _at(values, path[:-1])[path[-1]] = found


def _at(values: Any, path: Iterable[Any]) -> Any:
    for step in path:
        values = values[step]
    return values


def _parse_old_style(text: str, input_tokens: Sequence[str]) -> StartingPoint:
    parts = text.split("___")
    amount, partial = 0, False
    if len(parts) == len(input_tokens) + 1:
        try:
            amount, partial = int(parts.pop()), True
        except ValueError:
            parts = [text]  # it only looks like one: the service's own token
    if len(parts) > len(input_tokens):
        raise ValueError(f"Bad starting token: {text}")
    given = [None if part == "None" else part for part in parts]
    given += [None] * (len(input_tokens) - len(given))
    return StartingPoint(dict(zip(input_tokens, given, strict=True)), amount, partial)
