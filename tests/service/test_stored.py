"""A document that cannot be read any more is told, with what to do; never passed on, and never a crash."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from bench import Bench
from skysail.store.base import Place, Record, Row, Transaction

DAMAGED = {
    "cut": lambda text: text[:-10],
    "with zeros in it": lambda text: text[:40] + b"\0" * 20 + text[60:],
    "empty": lambda text: b"",
    "no UTF-8": lambda text: text.replace(b"nano", b"n\xffno").replace(b"Instance", b"Inst\xffnce"),
    "an answer of somebody else": lambda text: b"<html>",
}
ASKED = {
    "GetInstance": {"instanceName": "web"},
    "GetInstances": {},
    "GetInstanceState": {"instanceName": "web"},
    "StopInstance": {"instanceName": "web"},
    "TagResource": {"resourceName": "web", "tags": [{"key": "a"}]},
}


def only_place(transaction: Transaction) -> Place:
    (found,) = transaction.places("Instance")
    return found


def damage(bench: Bench, how: str) -> None:
    with bench.lightsail.store.begin(write=True) as transaction:
        row = transaction.get(only_place(transaction), "web")
        assert isinstance(row, Row)
        transaction.update(replace(row, document=DAMAGED[how](row.document)))


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_document_is_told_with_what_to_do_and_others_are_answered(
    bench: Bench, how: str, operation: str
) -> None:
    bench.instance("web")
    damage(bench, how)
    response = bench.send(ASKED[operation], operation)
    body = msgspec.json.decode(response.body)
    assert (response.status, body["__type"]) == (503, "ServiceUnavailableException")
    assert "Instance web" in body["message"]
    assert body["message"].endswith("see what is left: skysail check")
    bench.instance("other")


def test_a_damaged_entry_of_the_journal_is_told(bench: Bench) -> None:
    (operation,) = bench.create("web")
    with bench.lightsail.store.begin(write=True) as transaction:
        record = transaction.record(only_place(transaction), operation["id"])
        assert isinstance(record, Record)
        transaction.update_record(replace(record, document=record.document[:-1]))
    for name, asked in (("GetOperations", {}), ("GetOperation", {"operationId": operation["id"]})):
        response = bench.send(asked, name)
        assert response.status == 503
        assert operation["id"] in msgspec.json.decode(response.body)["message"]


def test_the_log_has_a_trouble_of_the_store_once_however_often_it_is_met(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.instance("web")
    damage(bench, "cut")
    for _ in range(3):
        bench.send({}, "GetInstances")
    (told,) = caplog.records
    assert (told.name, told.levelname) == ("skysail.service", "ERROR")
    assert told.getMessage().startswith("the store failed: Instance web of account ")
