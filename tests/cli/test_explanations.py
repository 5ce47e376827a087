"""What is told of an error that skysail or botocore raised, and with which exit status."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ConfigParseError, SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError

from documents import PROJECT
from skysail import errors
from skysail.cli.explanations import explained, told_with
from skysail.cli.failures import TOLD_APART, CommandError, Status, Trouble, as_line


def service_error(kind, message, **more):
    response = {"Error": {"Code": kind, "Message": message}, "ResponseMetadata": {"RequestId": "id-1", **more}}
    return errors.SERVICE_ERRORS.get(kind, errors.ServiceError)(response, "GetInstances")


URL = "http://127.0.0.1:4570"
CASES = {
    "a bad key": (
        service_error("UnrecognizedClientException", "The security token included in the request is invalid."),
        "The security token included in the request is invalid",
        "check the keys",
        1,
    ),
    "an old key": (service_error("ExpiredTokenException", "The token expired"), "expired", "renew", 1),
    "not allowed": (
        service_error("AccessDeniedException", "no"), "no", "the key's policy must allow lightsail:GetInstances", 1,
    ),
    "too busy": (
        service_error("ThrottlingException", "Rate exceeded", RetryAttempts=2),
        "Rate exceeded (3 tries)",
        "try again in a while",
        1,
    ),
    "a bad page token": (
        service_error("InvalidInputException", "The page token is not valid."),
        "The page token is not valid",
        "--starting-token",
        1,
    ),
    "no such region": (
        service_error("InvalidSignatureException", "Credential should be scoped to a valid region, not 'x'"),
        "valid region",
        "is its name right? all of them: skysail regions",
        1,
    ),
    "a region misspelt": (
        service_error("InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-est-1'."),
        "valid region",
        "did you mean us-east-1?",
        1,
    ),
    "a region elsewhere": (
        service_error("InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-west-2'."),
        "valid region",
        "is the endpoint that region's?",
        1,
    ),
    "no reason": (service_error("Odd", ""), "the service gave no reason", None, 1),
    "no demo": (
        errors.ConnectError(endpoint_url="http://127.0.0.1:4571/", error="x"),
        "no connection to http://127.0.0.1:4571/",
        "skysail demo",
        5,
    ),
    "no service here": (errors.ConnectError(endpoint_url=URL, error="x"), URL, "skysail serve", 5),
    "no network": (
        errors.ConnectError(endpoint_url="https://lightsail.us-east-1.amazonaws.com", error="x"),
        "amazonaws.com",
        "check the network",
        5,
    ),
    "no certificate": (errors.TLSError(endpoint_url=URL, error="x"), "SSL", "AWS_CA_BUNDLE", 5),
    "no answer": (errors.ReadTimeoutError(endpoint_url=URL, error="x"), "Read timeout", "skysail serve", 5),
    "no credentials": (errors.NoCredentialsError(), "no credentials were found", "aws configure", 2),
    "half a key": (
        errors.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        "missing: AWS_SECRET_ACCESS_KEY", "a local service takes any value", 2,
    ),
    "no region": (errors.NoRegionError(), "no region was named", "--region us-east-1", 2),
    "no profile": (errors.ProfileNotFoundError(profile="x"), "(x) could not be found", "skysail doctor looks", 2),
    "wrong arguments": (
        errors.ParameterError(report="Missing a\nMissing b"), "Missing a; Missing b", None, 2,
    ),
    "our own text": (errors.NotAStoreError("x is no store; name another"), "x is no store", "name another", 1),
    "a taken port": (errors.ListenError("port 1 is in use; --port 0"), "port 1 is in use", "--port 0", 1),
    "a wrong setting": (errors.ConfigurationError("keys.toml is not TOML: x"), "keys.toml is not TOML: x", None, 2),
    "a file of botocore's": (ConfigParseError(path="/x", error="y"), "Unable to parse config file", None, 2),
    "an odd answer": (errors.AnswerError(error="x"), "Unable to parse response: x", None, 1),
    "a full disk": (OSError(28, "No space left on device"), "No space left on device", None, 1),
    "a file of others": (PermissionError(13, "Permission denied", "x.db"), "Permission denied: x.db", None, 1),
    "a bug": (KeyError("x"), "skysail itself failed: KeyError: 'x'", "report it", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_error_is_told_with_its_remedy_and_status(case):
    error, what, remedy, status = CASES[case]
    trouble = explained(error, "us-east-1")
    assert what in trouble.what
    assert (remedy is None and trouble.remedy is None) or remedy in trouble.remedy
    assert (trouble.status, trouble.place) == (status, "us-east-1")


def test_aws_s_code_and_request_are_kept():
    trouble = explained(service_error("AccessDeniedException", "no"))
    assert (trouble.code, trouble.request_id) == ("AccessDeniedException", "id-1")


def test_what_goes_wrong_in_a_place_is_told_with_the_place_and_a_bug_stays_one():
    with pytest.raises(CommandError) as caught, told_with("us-east-1 (default)"):
        raise errors.NoCredentialsError()
    assert caught.value.trouble.place == "us-east-1 (default)"
    with pytest.raises(KeyError), told_with("us-east-1 (default)"):
        raise KeyError("bug")


@pytest.mark.parametrize(
    "error",
    [
        SSOTokenLoadError(error_msg="no file"),
        UnauthorizedSSOTokenError(),
        TokenRetrievalError(provider="sso", error_msg="x"),
    ],
)
def test_an_sso_session_that_has_ended_says_how_to_begin_another(error):
    trouble = explained(error, "us-east-1 (prod)", "prod")
    assert as_line(trouble) == (
        "error: us-east-1 (prod): the SSO session has ended, or was never begun — "
        "renew it: aws sso login --profile prod"
    )


@pytest.mark.parametrize(
    ("kind", "profile", "remedy"),
    [
        ("ExpiredTokenException", "prod", "renew it: aws sso login --profile prod, or new keys"),
        ("ExpiredTokenException", None, "renew it: aws sso login, or new keys"),
        (
            "UnrecognizedClientException",
            "prod",
            "check the keys of profile prod; skysail doctor looks at all of them",
        ),
    ],
)
def test_whose_keys_they_were_is_told_where_it_is_known(kind, profile, remedy):
    assert explained(service_error(kind, "no"), "us-east-1", profile).remedy == remedy


def test_each_error_that_there_is_has_its_section_in_the_documents():
    document = (PROJECT / "docs" / "errors.md").read_text()
    sections = {heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", document, re.MULTILINE)}
    ours = {
        name for name, value in vars(errors).items() if isinstance(value, type) and value.__module__ == errors.__name__
    }
    ends = [Trouble("", status=status) for status in Status if status]
    told = [
        *(Trouble("", error=name) for name in {*ours, "SSOError"}),
        *(Trouble("", code=code) for code in TOLD_APART),
        *ends,
    ]
    assert {trouble.section for trouble in told} == {f"docs/errors.md#{section}" for section in sections}


@pytest.mark.parametrize("name", ["an old key", "no reason"])
def test_a_refusal_is_told_with_its_section_and_one_that_nobody_knows_with_that_of_all(name):
    section = {"an old key": "expiredtokenexception", "no reason": "serviceerror"}[name]
    assert explained(CASES[name][0]).section == f"docs/errors.md#{section}"


@pytest.mark.parametrize("error", [errors.NoRegionError(), errors.ConnectError(endpoint_url=URL, error="refused")])
def test_an_error_of_ours_is_told_with_its_section(error):
    assert explained(error).section == f"docs/errors.md#{type(error).__name__.lower()}"
