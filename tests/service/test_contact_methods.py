"""Contact methods: one a protocol and region, verified some time later."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refusal
from modelled import misfits
from skysail.errors import NotFoundException, ServiceError

EMAIL = {"protocol": "Email", "contactEndpoint": "someone@example.com"}
SMS = {"protocol": "SMS", "contactEndpoint": "+12065550123"}


def methods(bench: Bench, **asked: Any) -> list[tuple[str, str, str]]:
    found = bench.client.get_contact_methods(**asked)["contactMethods"]
    return [(one["protocol"], one["contactEndpoint"], one["status"]) for one in found]


def test_an_address_is_verified_some_time_later_and_a_number_is_good_at_once(bench: Bench) -> None:
    [operation] = bench.client.create_contact_method(**EMAIL, tags=[{"key": "a"}])["operations"]
    assert (operation["resourceType"], operation["operationType"]) == ("ContactMethod", "CreateContactMethod")
    bench.client.create_contact_method(**SMS)
    assert misfits("GetContactMethods", bench.send({}, "GetContactMethods")) == []
    assert methods(bench) == [("SMS", "+12065550123", "Valid"), ("Email", "someone@example.com", "PendingVerification")]
    assert methods(bench, protocols=["Email"]) == [("Email", "someone@example.com", "PendingVerification")]
    bench.settle()
    assert methods(bench, protocols=["Email"]) == [("Email", "someone@example.com", "Valid")]


def test_the_link_is_sent_again_only_before_it_was_followed(bench: Bench) -> None:
    with pytest.raises(NotFoundException, match="The ContactMethod does not exist: Email"):
        bench.client.send_contact_method_verification(protocol="Email")
    bench.client.create_contact_method(**EMAIL)
    bench.clock.advance(0.5)
    [operation] = bench.client.send_contact_method_verification(protocol="Email")["operations"]
    assert operation["operationType"] == "SendContactMethodVerification"
    bench.settle()
    with pytest.raises(ServiceError) as caught:
        bench.client.send_contact_method_verification(protocol="Email")
    assert refusal(caught.value).message == "The contact method is already verified: Email"


def test_a_deleted_one_is_gone_and_can_be_made_anew(bench: Bench) -> None:
    bench.client.create_contact_method(**EMAIL)
    [operation] = bench.client.delete_contact_method(protocol="Email")["operations"]
    assert operation["operationType"] == "DeleteContactMethod"
    assert methods(bench) == []
    bench.client.create_contact_method(**EMAIL)
    with pytest.raises(NotFoundException):
        bench.client.delete_contact_method(protocol="SMS")


REFUSED = {
    "no address": ({**EMAIL, "contactEndpoint": "someone"}, "The contact endpoint is not valid: someone"),
    "no number": ({**SMS, "contactEndpoint": "2065550123"}, "The contact endpoint is not valid: 2065550123"),
    "a second one": (EMAIL, "A contact method for this protocol already exists: Email"),
}


@pytest.mark.parametrize(("asked", "text"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(bench: Bench, asked: dict[str, Any], text: str) -> None:
    bench.client.create_contact_method(**EMAIL)
    with pytest.raises(ServiceError) as caught:
        bench.client.create_contact_method(**asked)
    assert refusal(caught.value).message == text


def test_there_is_no_sms_in_most_regions() -> None:
    bench = Bench(region="eu-central-1")
    with pytest.raises(ServiceError, match=r"SMS is not supported in this Region\."):
        bench.client.create_contact_method(**SMS)
    bench.client.create_contact_method(**EMAIL)
