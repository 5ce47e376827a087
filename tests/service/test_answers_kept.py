"""What is kept of answers: their beginning, whole as far as it goes, and never a secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import Bench
from skysail.protocol.message import Request, Response
from skysail.service import calls as kept
from skysail.service.cut_answers import begun

TEXT = st.text(st.sampled_from('ab"\\,:{}[]é😀'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4), st.data())
def test_the_beginning_of_any_answer_is_a_beginning_of_its_value(value: dict[str, Any], data: st.DataObject) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    cut = data.draw(st.integers(1, len(body)))
    found = begun(body[:cut], len(body))
    assert begins(found, value)
    if cut == len(body):
        assert found == value


def begins(part: Any, whole: Any) -> bool:
    """Whether it is the same, but for what is missing at its end."""
    if isinstance(part, dict) and isinstance(whole, dict):
        names = list(part)
        return names == list(whole)[: len(names)] and all(begins(part[name], whole[name]) for name in names)
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(begins, part, whole))
    return bool(part == whole)


def answered(bench: Bench, operation: str) -> dict[str, Any]:
    """The last call of that operation, by its id."""
    [found] = bench.lightsail.calls.one(bench.lightsail.calls(operation)[-1]["id"])
    return found


def test_an_answer_is_told_of_a_call_by_its_id(bench: Bench) -> None:
    bench.create("web")
    bench.client.get_instance_state(instanceName="web")
    found = answered(bench, "GetInstanceState")
    assert found["answer"] == {"state": {"code": 0, "name": "pending"}}
    assert found["answer_size"] > 20
    assert "answer" not in bench.lightsail.calls("GetInstanceState")[-1], "a listing of calls has none"
    restore = bench.lightsail.snapshot()
    bench.lightsail.calls.clear()
    assert bench.lightsail.calls.one(found["id"]) == []
    bench.lightsail.restore(restore)
    assert answered(bench, "GetInstanceState") == found


def test_of_a_long_answer_the_beginning_is_told(bench: Bench) -> None:
    bench.create(*(f"web-{number}" for number in range(20)))
    everything = bench.client.get_instances()["instances"]
    found = answered(bench, "GetInstances")
    assert found["answer_size"] > 10_000
    begun_ones = found["answer"]["instances"]
    assert 1 < len(begun_ones) < 20
    assert [one["name"] for one in begun_ones[:-1]] == [one["name"] for one in everything[: len(begun_ones) - 1]]


def test_no_secret_is_told(bench: Bench) -> None:
    made = bench.client.create_key_pair(keyPairName="mine")
    found = answered(bench, "CreateKeyPair")
    assert found["answer"].get("privateKeyBase64") in (None, "***"), "half a text is none"
    assert made["privateKeyBase64"][:40] not in json.dumps(found)
    bench.client.create_bucket(bucketName="kept-bucket", bundleId="small_1_0")
    key = bench.client.create_bucket_access_key(bucketName="kept-bucket")["accessKey"]
    told = answered(bench, "CreateBucketAccessKey")
    assert told["answer"]["accessKey"]["secretAccessKey"] == "***"
    assert key["secretAccessKey"] not in json.dumps(told)
    bench.instance("web", "running", userData="echo web")
    assert "echo" not in json.dumps(answered(bench, "CreateInstances"))
    bench.client.get_instance_access_details(instanceName="web", protocol="ssh")
    told = json.dumps(answered(bench, "GetInstanceAccessDetails"))
    assert "PRIVATE KEY" not in told


def test_of_a_refusal_the_message_tells(bench: Bench) -> None:
    with pytest.raises(bench.client.exceptions.NotFoundException):
        bench.client.get_instance_state(instanceName="none")
    assert "answer" not in answered(bench, "GetInstanceState")


def test_answers_have_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10 * kept.LONGEST_ANSWER)
    calls = kept.Calls()
    for number in range(15):
        notes = {"id": f"{number}", "operation": "GetInstances"}
        body = b'{"instances":[' + b" " * 5_000 + b"]}"
        calls.add(0.0, Request("POST", "/", {}, b""), Response(200, {}, body, notes=notes))
    assert [call["id"] for call in calls()] == [f"{number}" for number in range(5, 15)]
    assert calls.one("5")[0]["answer"] == {"instances": []}
