"""The form of the answers in the AWS CLI's examples, without their text: tests/data/published_shapes.json.

    python tools/published_shapes.py

Of each example of what is here: which members its answer has, and of what form each value is. Real answers
once, though edited for print: ids and accounts with EXAMPLE in them count as what they stand for. The forms are told
alike for an answer of skysail's own, so that tests/authority/test_published_shapes.py can compare.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "tests" / "data" / "published_shapes.json"
# Members whose value is one of a few words, and is kept as it is.
_WORDS = frozenset(
    {
        *("resourceType", "operationType", "status", "state", "attachmentState", "accessDirection", "accessType"),
        *("protocol", "unit", "metricName", "algorithm", "service", "code", "progress"),
        *("isTerminal", "isAttached", "isSystemDisk"),
    }
)
_TIMES = frozenset({"createdAt", "statusChangedAt", "timestamp", "witnessedAt"})

# EXAMPLE stands over whatever was there, now and then over a hyphen.
_UUID = r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[^/]*EXAMPLE)[0-9a-zA-Z-]{30,37})"
_ACCOUNT = r"[0-9A-Z]{12}"
_IPV4 = r"\d+\.\d+\.\d+\.\d+"
_FORMS: tuple[tuple[str, str], ...] = (
    # what a text matches as a whole, and how that is called; the first one counts
    ("", "empty"),
    (_UUID, "uuid"),
    (rf"(\w+)-{_UUID}", "{1}-uuid"),
    (rf"arn:aws:lightsail:[a-z0-9-]+:\d{{12}}:(\w+)/{_UUID}", "arn of lightsail {1}"),
    (rf"arn:aws:cloudformation:[a-z0-9-]+:\d{{12}}:stack/Lightsail-Stack-{_UUID}/{_UUID}", "arn of a stack"),
    (rf"{_ACCOUNT}/(i|vol|snap|ami)-[0-9a-zA-Z]+", "account/{1}-hex"),
    (rf"{_ACCOUNT}/{_IPV4}", "account/IPv4"),
    (rf"{_ACCOUNT}/arn:aws:(\w+):[a-z0-9-]+:\d{{12}}:(\w+)/.+", "account/arn of {1} {2}"),
    (r"[0-9a-zA-Z]{32}-\d{9,10}\.[a-z0-9-]+\.elb\.amazonaws\.com", "hex-number.region.elb.amazonaws.com"),
    (r"_[0-9a-zA-Z]{32}\.[a-z]{10}\.acm-validations\.aws\.", "_hex.letters.acm-validations.aws."),
    (r"_[0-9a-zA-Z]{32}\.([a-z0-9-]+\.)+", "_hex.domain."),
    (r"(\w\w:){15}\w\w", "16 bytes with colons"),
    (rf"{_ACCOUNT}//hostedzone/Z\w+", "account//hostedzone/id"),
    (r"ns-\d+\.awsdns-\d\d\.[a-z.]+", "name server"),
    (r"ns-\d+\.awsdns-\d\d\.[a-z.]+\. awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 86400", "start of authority"),
    (r"_[0-9a-zA-Z]{32}\.[a-z]{10}\.acm-validations\.aws", "_hex.letters.acm-validations.aws"),
    (r"-?\d{6,10}", "number"),
    (rf"{_ACCOUNT}/ls-[0-9a-zA-Z]+", "account/ls-hex"),
    (r"ls-[0-9a-zA-Z]+\.[a-z]{12}\.[a-z0-9-]+\.rds\.amazonaws\.com", "ls-hex.letters.region.rds.amazonaws.com"),
    (r"\d\d:\d\d-\d\d:\d\d", "window of a day"),
    (r"[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d", "window of a week"),
    (rf"{_ACCOUNT}/.+", "account/name"),
    (_IPV4, "IPv4"),
    (r"(ami|vpc)-[0-9a-zA-Z]+", "{1}-hex"),
    (r"/dev/\w+", "device"),
    (r"\d{4}-\d\d-\d\d", "date"),
    (r"[a-z]+-[a-z]+-\d", "region"),
    (r"[a-z]+-[a-z]+-\d[a-z]", "zone"),
    (r"\d+/[a-z]+", "port/protocol"),
    (r"[a-z]+-[a-z]+-\d:.+", "region:name"),
    (r"(\w+)-\d{4}-\d\d-\d\d", "{1}-date"),
    (r"(\w\w:){19}\w\w", "20 bytes with colons"),
    (r"(SHA1|SHA256):[\w+/]+", "{1}:base64"),
    (r"(ssh-rsa)(-cert-v01@openssh\.com)? .+", "{1}{2} and base64"),
    (r"(?s)-----BEGIN RSA PRIVATE KEY-----.+", "RSA private key as PEM"),
    (r"https://.+", "URL"),
)


def examples(folder: Path) -> dict[str, Any]:
    """The shape of each answer, by the command's name, numbered where it has several."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.rst")):
        answers = _answers(path.read_text())
        for count, answer in enumerate(answers, 1):
            found[path.stem if len(answers) == 1 else f"{path.stem} {count}"] = shape(answer)
    return found


def shape(value: Any, path: tuple[str, ...] = ()) -> Any:
    """The form of a value: objects by member, lists by their elements' different forms, operations one by one."""
    if isinstance(value, dict):
        return {member: shape(inner, (*path, member)) for member, inner in value.items()}
    if isinstance(value, list):
        shapes = [shape(inner, path) for inner in value]
        if path == ("operations",):
            return shapes
        return [inner for place, inner in enumerate(shapes) if inner not in shapes[:place]]
    return _form(value, path)


def _form(value: Any, path: tuple[str, ...]) -> str:
    member = path[-1]
    if member in _WORDS or path[-2:] == ("state", "name"):
        return f"= {value}"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        if member in _TIMES:
            return "seconds" if round(value, 3) == value else "seconds, too fine"
        return "integer" if isinstance(value, int) else "number"
    if member == "version":
        return "text"
    if member == "operationDetails" and re.fullmatch(r"[\w-]*", value) and not re.search(r"\d{4}-\d\d-\d\d$", value):
        return "name" if value else "empty"
    if member == "name" or member.endswith(("Name", "attachedTo")):
        return _text(value, "name")
    return _text(value, "text")


def _text(value: str, otherwise: str) -> str:
    for pattern, name in _FORMS:
        match = re.fullmatch(pattern, value)
        if match:
            return name.format(match[0], *(group or "" for group in match.groups()))
    return "all" if value == "all" else otherwise


def _answers(text: str) -> list[Any]:
    """The JSON blocks of an example; what stands for left-out elements ("...") is dropped with its stray brace."""
    blocks = re.findall(r"^ +\{\n(?:(?: .*)?\n)*? +\}$(?=\n\S|\n*\Z|\n\n\S)", text, re.MULTILINE)
    return [json.loads(re.sub(r",\s*\.\.\.\s*\}", "", block)) for block in blocks]


def content() -> str:
    """The file as the installed AWS CLI gives it. Raises PackageNotFoundError."""
    package = distribution("awscli")
    about = f"Forms of the answers in the examples of AWS CLI {package.version}, by tools/published_shapes.py"
    folder = Path(str(package.locate_file("awscli"))) / "examples" / "lightsail"
    return json.dumps({"_about": about, **examples(folder)}, indent=1) + "\n"


def main() -> int:
    """Write the file; gives the exit status."""
    TARGET.write_text(content())
    return 0


if __name__ == "__main__":
    sys.exit(main())
