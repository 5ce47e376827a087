"""The columns of a listing: which there are, and what stands in a cell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from skysail.errors import UsageError
from skysail.telling.columns import age, cell, choose, plain

NOW = 1_700_000_000.0
INSTANCE = {
    "name": "web-1",
    "createdAt": datetime.fromtimestamp(NOW - 200_000, UTC),
    "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
    "tags": [{"key": "role", "value": "web"}, {"key": "old"}],
    "isStaticIp": True,
    "publicIpAddress": "203.0.113.17",
    "ipv6Addresses": ["2001:db8::1", "2001:db8::2"],
    "hardware": {"cpuCount": 2, "ramSizeInGb": 0.5, "disks": [{"sizeInGb": 60}, {"sizeInGb": 8.0}]},
    "networking": {"monthlyTransfer": {"gbPerMonthAllocated": 3072}, "ports": [{"fromPort": 22}, {"fromPort": 80}]},
    "state": {"code": 16, "name": "running"},
    "username": "bad\x1b[31mname\t",
}


@pytest.mark.parametrize(
    ("wanted", "headers"),
    [
        (None, ["NAME", "STATE", "PUBLIC-IP", "REGION", "BUNDLE", "BLUEPRINT", "AGE"]),
        ("name,publicIpAddress", ["NAME", "publicIpAddress"]),
        (" Name , STATE.code ", ["NAME", "state.code"]),
        ("NETWORKING.monthlytransfer.GBPERMONTHALLOCATED", ["networking.monthlyTransfer.gbPerMonthAllocated"]),
        ("+ram,-age,-Region", ["NAME", "STATE", "PUBLIC-IP", "BUNDLE", "BLUEPRINT", "RAM"]),
        ("+name", ["NAME", "STATE", "PUBLIC-IP", "REGION", "BUNDLE", "BLUEPRINT", "AGE"]),
        ("hardware.disks.sizeInGb,tags.value", ["hardware.disks.sizeInGb", "tags.value"]),
    ],
)
def test_columns_are_chosen_by_name_or_path_in_any_case(wanted, headers):
    assert [column.header for column in choose(wanted)] == headers


@pytest.mark.parametrize(
    ("wanted", "what", "remedy"),
    [
        ("blueprnt", "no column blueprnt", "did you mean blueprint, blueprintId or blueprintName?"),
        ("publicip", "no column publicip", "did you mean public-ip"),
        ("xyzzy", "no column xyzzy", "skysail instances --help"),
        ("hardware", "hardware is a structure", "hardware.cpuCount"),
        ("name,+ram", "either a list or changes", None),
        ("-ram", "it is not among the columns", "blueprint"),
        (",", "names no column", None),
        ("-name,-state,-public-ip,-region,-bundle,-blueprint,-age", "leaves no column", None),
    ],
)
def test_a_wrong_choice_is_told_with_what_was_meant(wanted, what, remedy):
    with pytest.raises(UsageError) as caught:
        choose(wanted)
    told, _, advice = str(caught.value).rpartition("; ")
    assert what in (told or advice)
    assert (remedy or "") in (advice if told else "")


@pytest.mark.parametrize(
    ("column", "for_people", "for_programs"),
    [
        ("name", "web-1", "web-1"),
        ("public-ip", "203.0.113.17 s", "203.0.113.17"),
        ("publicIpAddress", "203.0.113.17", "203.0.113.17"),
        ("private-ip", "-", ""),
        ("isStaticIp", "true", "true"),
        ("age", "2d", "2d"),
        ("createdAt", "2023-11-12T14:40:00+00:00", "2023-11-12T14:40:00+00:00"),
        ("ipv6", "2001:db8::1,2001:db8::2", "2001:db8::1,2001:db8::2"),
        ("ram", "0.5", "0.5"),
        ("disk", "60,8", "60,8"),
        ("networking.ports.fromPort", "22,80", "22,80"),
        ("tags", "role=web old", "role=web old"),
        ("tags.value", "web", "web"),
        ("arn", "-", ""),
        ("user", "bad?[31mname?", "bad\x1b[31mname\t"),
    ],
)
def test_a_cell_is_text_and_never_json(column, for_people, for_programs):
    (chosen,) = choose(column)
    assert cell(chosen, INSTANCE, NOW).text == for_people
    assert plain(chosen, INSTANCE, NOW) == for_programs


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86_399, "23h"), (86_400, "1d"),
     (364.9 * 86_400, "364d"), (365 * 86_400, "1y"), (405 * 86_400, "1y40d"), (730 * 86_400, "2y")],
)  # fmt: skip
def test_an_age_is_told_in_two_units_at_most(seconds, told):
    assert age(seconds) == told
