"""JSON for an operation's arguments by the model's shapes: types mostly right, values mostly odd."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fuzz.choices import Choices
from noun_calls import (
    BUCKETS,
    CERTIFICATES,
    DATABASE_SNAPSHOTS,
    DATABASES,
    DISTRIBUTIONS,
    DNS_ZONES,
    DOMAINS,
    LOAD_BALANCERS,
    SERVICES,
    SUBDOMAINS,
    TLS_CERTIFICATES,
)
from skysail.protocol.model import Shape, service_model
from world_calls import ALARMS, DATES, DISK_SNAPSHOTS, DISKS, EVERYTHING, INSTANCES, KEY_PAIRS, SNAPSHOTS, STATIC_IPS

_NEW = [f"new-{number}" for number in range(1, 5)]
_ORIGINS = [*BUCKETS, *LOAD_BALANCERS, *SERVICES, "web-1"]
_PLAUSIBLE: dict[str, Sequence[str]] = {
    "instanceName": INSTANCES,
    "sourceInstanceName": INSTANCES,
    "instanceNames": _NEW,
    "availabilityZone": ["us-east-1a", "us-east-1b"],
    "blueprintId": ["ubuntu_24_04", "windows_server_2022", "amazon_linux_2023"],
    "bundleId": ["nano_3_0", "medium_win_3_0", "micro_3_0", "small_1_0", "medium_1_0", "large_1_0"],
    "diskName": [*DISKS, *_NEW],
    "sourceDiskName": DISKS,
    "diskPath": ["/dev/xvdf", "/dev/xvdg"],
    "sizeInGb": ["8", "32", "64"],
    "staticIpName": [*STATIC_IPS, *_NEW],
    "keyPairName": [*KEY_PAIRS, *_NEW],
    "instanceSnapshotName": [*SNAPSHOTS, *_NEW],
    "diskSnapshotName": [*DISK_SNAPSHOTS, *_NEW],
    "sourceSnapshotName": [*SNAPSHOTS, *DISK_SNAPSHOTS],
    "targetSnapshotName": _NEW,
    "sourceResourceName": [*INSTANCES, *DISKS],
    "resourceName": [*EVERYTHING, *_ORIGINS, *DATABASES, *DISTRIBUTIONS, *DNS_ZONES],
    "monitoredResourceName": [*INSTANCES, *DATABASES, *LOAD_BALANCERS],
    "alarmName": ALARMS,
    "sourceRegion": ["us-east-1", "eu-west-1"],
    "restoreDate": DATES,
    "date": DATES,
    "snapshotTimeOfDay": ["06:00", "23:00"],
    "metricName": ["CPUUtilization", "StatusCheckFailed", "Requests", "BucketSizeBytes", "FreeStorageSpace"],
    "period": ["60", "300", "86400"],
    "startTime": ["1700000000", "1699000000", "1600000000"],
    "endTime": ["1700003600", "1700086400"],
    "threshold": ["0", "50.5"],
    "evaluationPeriods": ["1", "2"],
    "datapointsToAlarm": ["1"],
    "contactEndpoint": ["someone@example.com"],
    "emailAddress": ["someone@example.com"],
    "domainNames": ["example.com", "www.example.com"],
    "cidrs": ["192.0.2.1", "198.51.100.0/24"],
    "ipv6Cidrs": ["2001:db8::/32"],
    "cidrListAliases": ["lightsail-connect"],
    "fromPort": ["22", "80"],
    "toPort": ["80", "8080"],
    "tagKeys": ["a", "b"],
    "key": ["a", "b", "skysail:objects", "skysail:bytes"],
    "loadBalancerName": [*LOAD_BALANCERS, *_NEW],
    "certificateName": [*CERTIFICATES, *TLS_CERTIFICATES, *_NEW],
    "serviceName": [*SERVICES, *_NEW],
    "subdomainName": [*SUBDOMAINS, "new-1"],
    "domainName": [*DNS_ZONES, *DOMAINS, "new-1.com"],
    "subjectAlternativeNames": DOMAINS,
    "name": [*_ORIGINS, *DNS_ZONES, "www.example.com", "*.example.com", "_a.example.com"],
    "target": ["192.0.2.1", "192.0.2.7", "2001:db8::1", "a.example.org.", '"text"', "10 a.org", "d1.cloudfront.net"],
    "type": ["A", "AAAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"],
    "bucketName": [*BUCKETS, *_NEW],
    "destination": BUCKETS,
    "versioning": ["Enabled", "Suspended"],
    "readonlyAccessAccounts": ["111122223333"],
    "allowedMethods": ["GET", "PUT", "DELETE"],
    "allowedOrigins": ["https://example.com", "*"],
    "distributionName": [*DISTRIBUTIONS, *_NEW],
    "responseTimeout": ["30", "1", "60"],
    "path": ["index.html", "a/*"],
    "defaultTTL": ["86400", "0"],
    "minimumTTL": ["0", "60"],
    "maximumTTL": ["31536000"],
    "allowedHTTPMethods": ["GET,HEAD", "GET,HEAD,OPTIONS"],
    "cachedHTTPMethods": ["GET,HEAD", "GET,HEAD,OPTIONS"],
    "errorCode": ["404", "500"],
    "responseCode": ["200"],
    "responsePagePath": ["/error.html"],
    "relationalDatabaseName": [*DATABASES, *_NEW],
    "sourceRelationalDatabaseName": DATABASES,
    "relationalDatabaseSnapshotName": [*DATABASE_SNAPSHOTS, *_NEW],
    "finalRelationalDatabaseSnapshotName": [*DATABASE_SNAPSHOTS, *_NEW],
    "relationalDatabaseBlueprintId": ["mysql_8_0", "mysql_8_4", "postgres_16", "postgres_17"],
    "relationalDatabaseBundleId": ["micro_2_0", "small_2_0", "micro_ha_2_0"],
    "masterDatabaseName": ["main"],
    "masterUsername": ["main_user"],
    "masterUserPassword": ["a-good-password"],
    "preferredBackupWindow": ["06:00-06:30", "23:50-00:20"],
    "preferredMaintenanceWindow": ["Sun:23:50-Mon:00:20", "tue:06:00-tue:07:00"],
    "restoreTime": ["1700000000", "1700003600"],
    "durationInMinutes": ["60", "20160"],
    "logStreamName": ["error", "general", "postgresql"],
    "parameterName": ["max_connections", "event_scheduler", "autocommit"],
    "parameterValue": ["1", "ON", "100"],
    "applyMethod": ["immediate", "pending-reboot"],
}
"""What makes a call one that does something, by the member's name."""
KNOWN = tuple(one for several in _PLAUSIBLE.values() for one in several if not one[0].isdigit())
_NUMBERS = (
    "0", "1", "-1", "22", "80", "300", "8", "32", "65535", "65536", "2147483648", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1" * 400, "1" * 5_000, "0.5", "-0", "-0.0", "1e400", "-1e400",
    "1e308", "5e-324", "1700000000", "1700003600", "253402300800", "-62135596801", "1e18", "60", "86400", "1E2", "01",
    "NaN", "Infinity", "0x1",
)  # fmt: skip
_ANYTHING = ("null", "true", "false", "0", '""', "[]", "{}", "[null]", '{"":null}', "1e400", '"\\ud800"', "")


def arguments(choices: Choices, operation: str) -> bytes:
    """A body for a call; now and then none that is JSON."""
    shape = service_model().operation(operation).input
    text = "{}" if shape is None else _structure(choices, service_model().shape(shape))
    octets = text.encode("utf-8", "surrogatepass")
    return choices.mutated(octets) if choices.chance(10) else octets


def _structure(choices: Choices, shape: Shape) -> str:
    pairs = []
    for name, of in shape.members.items():
        if choices.chance(95 if name in shape.required else 30):
            pairs.append(f'"{name}":{_value(choices, of.shape, name)}')
    if choices.chance(5):
        pairs.append(f"{_text(choices)}:{choices.one_of(_ANYTHING)}")
    if pairs and choices.chance(3):
        pairs.append(pairs[choices.below(len(pairs))])
    return "{" + ",".join(pairs) + "}"


def _value(choices: Choices, name: str, member: str) -> str:
    """`member` is the name under which it stands in the structure around it."""
    if choices.chance(3):
        return _deep(choices) if choices.chance(5) else choices.one_of(_ANYTHING)
    shape = service_model().shape(name)
    match shape.type:
        case "structure":
            return _structure(choices, shape)
        case "list" if shape.member:
            of = shape.member.shape
            return "[" + ",".join(_value(choices, of, member) for _ in range(_count(choices))) + "]"
        case "map" if shape.value_:
            of = shape.value_.shape
            pairs = (f"{_text(choices)}:{_value(choices, of, member)}" for _ in range(_count(choices)))
            return "{" + ",".join(pairs) + "}"
        case "boolean":
            return choices.one_of(("true", "false"))
        case "string" | "blob":
            known = shape.enum or _PLAUSIBLE.get(member, KNOWN)
            return json.dumps(choices.one_of(known)) if choices.chance(88) else _text(choices)
        case "timestamp" if choices.chance(20):
            return _text(choices)
        case _:
            known = _PLAUSIBLE.get(member, _NUMBERS)
            return choices.one_of(known if choices.chance(88) else _NUMBERS)


def _count(choices: Choices) -> int:
    return choices.one_of((1, 0, 2, 1, 3, 1, 1, 70))


def _text(choices: Choices) -> str:
    return json.dumps(choices.one_of(KNOWN) if choices.chance(50) else choices.text(), ensure_ascii=choices.chance(50))


def _deep(choices: Choices) -> str:
    depth = choices.one_of((10, 200, 2_000, 100_000))
    opening, closing = choices.one_of((("[", "]"), ('{"a":', "}")))
    return opening * depth + "1" + closing * (depth if choices.chance(50) else 0)
