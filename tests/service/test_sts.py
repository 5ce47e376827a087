"""GetCallerIdentity, as botocore's own client asks for it; and what else is said in STS's protocol."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from time import time

import pytest
from botocore.exceptions import ClientError

from bench import Bench
from skysail.protocol.message import Response
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import AccessKey, Accounts
from skysail.world import ManualClock

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
LISTED = Accounts({"AKIAONE": AccessKey("111122223333", "s3cret")})


@pytest.fixture
def today() -> Bench:
    """botocore signs by the machine's clock."""
    return Bench(clock=ManualClock(time()))


def error_of(response: Response) -> tuple[int, str, str]:
    elements = ElementTree.fromstring(response.body).iter()
    found = {element.tag.partition("}")[2]: element.text or "" for element in elements}
    assert found["RequestId"] == response.headers["x-amzn-requestid"]
    return response.status, found["Code"], found["Message"]


def test_botocores_client_is_told_who_it_is(today: Bench) -> None:
    answer = today.botocore("sts", Key("111122223333", "any")).get_caller_identity()
    assert answer["Account"] == answer["UserId"] == "111122223333"
    assert answer["Arn"] == "arn:aws:iam::111122223333:root"
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36


def test_the_account_is_the_one_whose_instances_are_listed(today: Bench) -> None:
    today.create("web")
    account = today.botocore("sts").get_caller_identity()["Account"]
    assert today.get()["arn"].split(":")[4] == account


REFUSED = {
    "an unknown key": (Key("AKIATWO", "s3cret"), "InvalidClientTokenId", 403),
    "a wrong secret": (Key("AKIAONE", "guess"), "SignatureDoesNotMatch", 403),
}


@pytest.mark.parametrize("why", REFUSED)
def test_botocores_client_reads_a_refusal(why: str) -> None:
    key, code, status = REFUSED[why]
    bench = Bench(clock=ManualClock(time()), accounts=LISTED)
    with pytest.raises(ClientError) as caught:
        bench.botocore("sts", key).get_caller_identity()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_another_operation_of_sts_is_refused_and_named(today: Bench) -> None:
    with pytest.raises(ClientError, match="answers GetCallerIdentity of STS alone, not GetSessionToken") as caught:
        today.botocore("sts").get_session_token()
    assert caught.value.response["Error"]["Code"] == "InvalidAction"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_form_without_a_signature_is_refused_in_xml(bench: Bench) -> None:
    from skysail.protocol.message import Request

    request = Request("POST", "/", {**FORM, "host": "local"}, b"Action=GetCallerIdentity&Version=2011-06-15")
    status, code, _ = error_of(bench.lightsail.service.answer(request))
    assert (status, code) == (403, "MissingAuthenticationToken")


ODD = {
    "no action": (b"", "not a call without Action"),
    "more fields than any call has": (b"a=b&" * 101 + b"Action=GetCallerIdentity", "not a call without Action"),
    "mark-up": (b"Action=<b>&amp;", "not <b>"),
    "bytes that are no text": (b"Action=%ff\xff", "not \ufffd\ufffd"),
    "characters that XML cannot hold": (b"Action=a%00b%08%1F%EF%BF%BE", "not a\ufffdb\ufffd\ufffd\ufffd"),
}


@pytest.mark.parametrize("why", ODD)
def test_an_odd_form_is_refused_in_xml_that_can_be_read(bench: Bench, why: str) -> None:
    body, said = ODD[why]
    status, code, message = error_of(bench.send(body, None, headers=FORM, service="sts"))
    assert (status, code) == (400, "InvalidAction")
    assert message.endswith(said)


def test_a_form_that_is_too_large_is_refused_with_its_own_status(bench: Bench) -> None:
    status, code, _ = error_of(bench.send(b"A" * 1_048_577, None, headers=FORM, service="sts"))
    assert (status, code) == (413, "RequestEntityTooLarge")


def test_a_signature_for_lightsail_does_not_do_for_sts_nor_the_other_way_round(bench: Bench) -> None:
    _, code, message = error_of(bench.send(b"Action=GetCallerIdentity", None, headers=FORM, service="lightsail"))
    assert code == "SignatureDoesNotMatch"
    assert "correct service: 'sts'" in message
    assert b"correct service: 'lightsail'" in bench.send(service="sts").body
