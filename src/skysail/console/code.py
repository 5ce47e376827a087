"""The call that was just made, or that a page shows, as code: Python with boto3 or skysail, and commands. Pure.

People copy it into a shell, and what stands in it may be a stranger's: names and values of a call that was recorded,
the region in a link, the host. So all of it is quoted, and nothing in it is a character that cannot be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from keyword import iskeyword
from shlex import quote
from typing import Any, NamedTuple

from skysail.console.words import iso
from skysail.protocol.model import Operation


class Code(NamedTuple):
    """`how` is what runs it."""

    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """One call, or the listing through its pages that begins with it: `paging` are MaxItems and StartingToken then.

    `account` stands as the access key, where any key is let in and picks the account; None where people use their own.
    """

    operation: Operation
    arguments: Mapping[str, Any]
    region: str
    endpoint_url: str
    account: str | None = None
    paging: Mapping[str, Any] | None = None


def codes(called: Called) -> list[Code]:
    called = replace(called, arguments={name: _told(value) for name, value in called.arguments.items()})
    return [
        Code("boto3", python("boto3", called)),
        Code("skysail", python("skysail", called)),
        Code("AWS CLI", aws_cli(called)),
        Code("skysail, command", skysail_call(called)),
    ]


def python(library: str, called: Called) -> str:
    made = ['"lightsail"', f"region_name={_literal(called.region)}", f"endpoint_url={_literal(called.endpoint_url)}"]
    if called.account is not None:
        made += [f"aws_access_key_id={_literal(called.account)}", 'aws_secret_access_key="any"']
    head = f"import {library}\n\nclient = {library}.client(\n    {', '.join(made[:3])},\n"
    head += f"    {', '.join(made[3:])},\n)\n" if made[3:] else ")\n"
    given = _keywords(called.arguments)
    if called.paging is None:
        return f"{head}answer = client.{called.operation.method}({given})"
    pages = ", ".join(filter(None, (given, f"PaginationConfig={_literal(called.paging)}")))
    member = called.operation.paging.result_keys[0] if called.operation.paging else ""
    return (
        f'{head}paginator = client.get_paginator("{called.operation.method}")\n'
        f'for page in paginator.paginate({pages}):\n    print(len(page["{member}"]))'
    )


def aws_cli(called: Called) -> str:
    words = [*_as_whom(called), "aws", "lightsail", _dashed(called.operation.name)]
    if _are_names(called.arguments) and not any(map(_means_more, called.arguments.values())):
        for name, value in called.arguments.items():
            words += _option(_dashed(name), value)
    else:
        words += ["--cli-input-json", _word(_json(called.arguments))]
    for name, value in (called.paging or {}).items():
        words += [f"--{_dashed(name)}", _word(str(value))]
    words += ["--region", _word(called.region), "--endpoint-url", _word(called.endpoint_url)]
    return " ".join(words)


def skysail_call(called: Called) -> str:
    words = [*_as_whom(called), "skysail", "call", called.operation.name]
    if called.operation.name == "GetInstances" and called.paging is not None:
        words[-2:] = ["instances"]
        for name, value in called.paging.items():
            words += [f"--{_dashed(name)}", _word(str(value))]
    elif not _are_names(called.arguments) or any(isinstance(value, dict | list) for value in called.arguments.values()):
        words += ["--json", _word(_json(called.arguments))]
    else:
        words += [f"{name}={_word(_plain(value))}" for name, value in called.arguments.items()]
    words += ["--region", _word(called.region), "--endpoint", _word(called.endpoint_url)]
    return " ".join(words)


def _told(value: Any) -> Any:
    """A time as text, which all of them take."""
    return iso(value) if isinstance(value, datetime) else value


def _as_whom(called: Called) -> list[str]:
    if called.account is None:
        return []
    return [f"AWS_ACCESS_KEY_ID={_word(called.account)}", "AWS_SECRET_ACCESS_KEY=any"]


def _keywords(arguments: Mapping[str, Any]) -> str:
    if not _are_names(arguments):
        return f"**{_literal(arguments)}"
    return ", ".join(f"{name}={_literal(value)}" for name, value in arguments.items())


def _are_names(arguments: Mapping[str, Any]) -> bool:
    """Whether they can be written as members, not as texts: a recorded call may have had any names."""
    return all(name.isascii() and name.isidentifier() and not iskeyword(name) for name in arguments)


def _means_more(value: Any) -> bool:
    """Whether the AWS CLI would take a text for an option, or for the address of a file or page to read it from."""
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and re.match("-|(file|fileb|https?)://", text) for text in texts)


def _word(text: str) -> str:
    """One word of a shell's. A terminal that it is pasted into obeys no character of it: what cannot be seen is told as
    bash, zsh and POSIX of 2024 read it.
    """
    if all(sign.isprintable() or sign == "\n" for sign in text):
        return quote(text)
    return "$'" + "".join(map(_sign, text)) + "'"


def _sign(sign: str) -> str:
    if sign in "\\'":
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    return f"\\x{ord(sign):02x}" if ord(sign) < 0x80 else f"\\U{ord(sign):08x}"


def _literal(value: Any) -> str:
    """As Python writes it, with the quotes that people write."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return repr(value)


def _option(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [f"--{name}", *map(_word, value)]
    if isinstance(value, dict | list):
        return [f"--{name}", _word(_json(value))]
    return [f"--{name}", _word(_plain(value))]


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _dashed(name: str) -> str:
    """instanceNames as --instance-names: botocore's own rule, for the members that Lightsail has."""
    spaced = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", spaced).lower()
