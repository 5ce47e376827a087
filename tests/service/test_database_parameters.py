"""The facts of runtime parameters: well formed, and what a real server says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from postgres_server import needs_postgres, shared
from skysail.service.catalogue import Catalogue
from tools.database_parameters import differences

VERSIONS = [("mysql", "8.0.16"), ("mysql", "8.4.11"), *(("postgres", f"{major}.1") for major in range(14, 19))]
RANGE = r"-?[\d.]+(e\+\d+)?--?[\d.]+(e\+\d+)?"
ALLOWED = {
    "boolean": "0,1",
    "integer": f"{RANGE}|0,1",
    "float": RANGE,
    "list": r"[^,]+(,[^,]+)*",
    "string": r"[^,]+(,[^,]+)*",
}
REQUIRED = {"parameterName", "applyType", "dataType", "description", "isModifiable"}


def plain(one: dict[str, Any]) -> str:
    return re.sub("[-_.]", "", one["parameterName"].lower())


@pytest.mark.parametrize(("engine", "version"), VERSIONS)
def test_the_parameters_of_a_version_are_well_formed(engine: str, version: str) -> None:
    found = Catalogue().database_parameters(engine, version)
    assert [plain(one) for one in found] == sorted({plain(one) for one in found})
    for one in found:
        assert one.keys() - {"allowedValues", "parameterValue"} == REQUIRED
        assert one["applyType"] in ("static", "dynamic")
        assert re.fullmatch(ALLOWED[one["dataType"]], one.get("allowedValues", "0,1")) or one["dataType"] == "float", (
            one
        )
        assert len(one["description"]) > 3


@needs_postgres
def test_they_are_what_a_server_says() -> None:
    with shared().connection() as connection:
        connection.execute("LOAD 'auto_explain'")
        assert list(differences(connection)) == []
