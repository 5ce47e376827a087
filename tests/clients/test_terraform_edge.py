"""Terraform's AWS provider against the local Lightsail: domains and their records."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_calls import Kind, Provider, State
from clients.terraform_cases import Case, check
from clients.terraform_edge import Domain, DomainEntry

DOMAIN, ENTRY = Domain(), DomainEntry()

ZONE = {"domain_name": "example.com"}
WWW = {**ZONE, "name": "www", "type": "A", "target": "192.0.2.1"}
ALIAS = {**ZONE, "name": "", "type": "A", "target": "a1-123.us-east-1.elb.amazonaws.com", "is_alias": True}
DISTRIBUTION_ALIAS = {**ALIAS, "target": "d111111abcdef8.cloudfront.net"}


def own(api: Any) -> Any:
    records = api.get_domain(domainName="example.com")["domain"]["domainEntries"]
    return [one for one in records if "awsdns" not in one["target"]]


CASES = {
    "domain, another name": Case(
        DOMAIN,
        ZONE,
        {"domain_name": "example.org"},
        True,
        lambda api: api.get_domains()["domains"],
    ),
    "record, another target": Case(ENTRY, WWW, {**WWW, "target": "192.0.2.2"}, True, own, [(DOMAIN, ZONE)]),
    "record, a text": Case(ENTRY, WWW, {**WWW, "type": "TXT", "target": '"v=spf1 -all"'}, True, own, [(DOMAIN, ZONE)]),
    "record, an underscore in front": Case(
        ENTRY,
        WWW,
        {**WWW, "name": "_a1", "type": "CNAME", "target": "_b2.example.net"},
        True,
        own,
        [(DOMAIN, ZONE)],
    ),
    "alias, another one": Case(ENTRY, ALIAS, DISTRIBUTION_ALIAS, True, own, [(DOMAIN, ZONE)]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_is_applied_changed_and_destroyed_and_no_plan_in_between_shows_a_difference(
    provider: Provider, case: Case
) -> None:
    check(provider, case)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(DOMAIN, {"id": "example.com"}), (ENTRY, {"id": "www,example.com,A,192.0.2.1"})],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_one_that_never_was_is_read_as_gone(provider: Provider, kind: Kind, state: State) -> None:
    assert provider.refresh(kind, state) is None


def test_a_record_that_somebody_else_deleted_is_destroyed_all_the_same(provider: Provider) -> None:
    provider.apply(DOMAIN, ZONE)
    state = provider.apply(ENTRY, WWW)
    provider.destroy(ENTRY, state)
    assert provider.refresh(ENTRY, state) is None
    provider.destroy(ENTRY, state)
    assert own(provider.api) == []
