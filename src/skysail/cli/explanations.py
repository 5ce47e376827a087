"""What to tell of an error that skysail or botocore raised: what it means here, and what to do about it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from botocore.exceptions import BotoCoreError, SSOError, TokenRetrievalError

from skysail import errors
from skysail.cli.failures import CommandError, Status, Trouble, one_line


@contextmanager
def told_with(place: str, profile: str | None = None) -> Iterator[None]:
    """Whatever goes wrong with the service in this block is told with the place where it did."""
    try:
        yield
    except (errors.SkysailError, BotoCoreError) as error:
        raise CommandError(explained(error, place, profile)) from error


def explained(error: BaseException, place: str | None = None, profile: str | None = None) -> Trouble:
    """What to tell of an error, `place` being where it happened and `profile` whose keys were used, where known."""
    if isinstance(error, errors.ServiceError):
        return _refusal(error, place, profile)
    if isinstance(error, errors.TransportError):
        return _no_connection(error, place)
    if isinstance(error, (SSOError, TokenRetrievalError)):
        what = "the SSO session has ended, or was never begun"
        return Trouble(what, _renewal(profile), Status.WRONG_USAGE, place, error="SSOError")
    for kind, explain in _EXPLANATIONS:
        if isinstance(error, kind):
            ours = type(error).__name__ if isinstance(error, errors.SkysailError) else None
            return replace(explain(error), place=place, error=ours)
    if isinstance(error, OSError):  # a full disk, a file that may not be written
        named = f": {error.filename}" if error.filename else ""
        return Trouble(f"{error.strerror or error}{named}", place=place)
    what = f"skysail itself failed: {type(error).__name__}: {one_line(str(error))}"
    return Trouble(what, "report it with what --debug prints", place=place)


# --- what the service says --------------------------------------------------------------------------------

BAD_KEY = ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException")
OLD_KEY = ("ExpiredTokenException", "ExpiredToken", "RequestExpired")
DENIED = ("AccessDeniedException", "AccessDenied", "UnauthenticatedException")
BUSY = ("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "ServiceException")


_NO_REGION = "scoped to a valid region"


def _right_region(message: str) -> str:
    """What to do where the service says that it is not in the region of the signature, which it names."""
    from skysail.protocol.regions import known_regions
    from skysail.telling.nearest import did_you_mean  # late, as in nearest.py

    named = re.search(r"not '([^']*)'", message)
    if named and named[1] in known_regions():
        return "is the endpoint that region's?"
    meant = did_you_mean(named[1], known_regions(), 1) if named else None
    return f"{meant or 'is its name right?'} all of them: skysail regions"


def means_not_enabled(trouble: Trouble) -> bool:
    """Whether a region of choice answers so where an account has not enabled it; a wrong key is answered alike, so it
    means that only of a key that is let in elsewhere.
    """
    if _NO_REGION in trouble.what:
        return False
    return trouble.code in BAD_KEY or trouble.code in ("OptInRequired", "RegionSetupInProgressException")


def _refusal(error: errors.ServiceError, place: str | None, profile: str | None) -> Trouble:
    metadata = error.response.get("ResponseMetadata", {})
    tries = metadata.get("RetryAttempts") or 0
    times = f" ({tries + 1} tries)" if tries else ""
    what = f"{one_line(error.message) or 'the service gave no reason'}{times}"
    return Trouble(what.rstrip("."), _advice(error, profile), Status.REFUSED, place, error.kind, error.request_id)


def _advice(error: errors.ServiceError, profile: str | None) -> str | None:
    if _NO_REGION in error.message:
        return _right_region(error.message)
    if error.kind in BAD_KEY:
        whose = f"the keys of profile {profile}" if profile else "the keys: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"
        return f"check {whose}; skysail doctor looks at all of them"
    if error.kind in OLD_KEY:
        return f"{_renewal(profile)}, or new keys"
    if error.kind in DENIED and error.operation_name:
        return f"the key's policy must allow lightsail:{error.operation_name}"
    if error.kind in BUSY:
        return "try again in a while"
    if "page token" in error.message.lower():
        return "a token is good in the account and region it came from; without --starting-token it begins anew"
    return error.tip


def _renewal(profile: str | None) -> str:
    return f"renew it: aws sso login{f' --profile {profile}' if profile else ''}"


def _no_connection(error: errors.TransportError, place: str | None) -> Trouble:
    url = str(getattr(error, "kwargs", {}).get("endpoint_url") or "")
    what = f"no connection to {url}" if isinstance(error, errors.ConnectError) else one_line(str(error))
    remedy = _call_advice(url, error)
    return Trouble(what.rstrip("."), remedy, Status.NO_CONNECTION, place, error=type(error).__name__)


def _call_advice(url: str, error: errors.TransportError) -> str:
    if isinstance(error, errors.ProxyError):
        return "look at HTTPS_PROXY and NO_PROXY"
    if isinstance(error, errors.TLSError):
        return "a CA bundle of your own goes into AWS_CA_BUNDLE"
    if url.startswith("http://127.0.0.1:4571"):
        return "start it in another terminal: skysail demo"
    if url.startswith(("http://127.", "http://localhost", "http://[::1]")):
        return "is it running? skysail serve starts one"
    return "check the network, the region's name, and --endpoint"


# --- what is wrong here -----------------------------------------------------------------------------------


def _no_credentials(error: BaseException) -> Trouble:
    return Trouble(
        "no credentials were found",
        "aws configure, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; without an account: skysail demo",
        Status.WRONG_USAGE,
    )


def _half_a_key(error: BaseException) -> Trouble:
    what = one_line(str(error)).rstrip(".")
    return Trouble(what, "set it too; a local service takes any value", Status.WRONG_USAGE)


def _no_region(error: BaseException) -> Trouble:
    return Trouble("no region was named", "--region us-east-1, or AWS_DEFAULT_REGION", Status.WRONG_USAGE)


def _wrong_arguments(error: BaseException) -> Trouble:
    """botocore's report has a heading, then a line a fault."""
    lines = [line.strip() for line in str(error).splitlines()]
    return Trouble("; ".join(line for line in lines[1:] or lines if line), None, Status.WRONG_USAGE)


def _no_profile(error: BaseException) -> Trouble:
    from skysail.caller.profile import profile_names  # late: nobody needs it who makes no mistake
    from skysail.telling.nearest import did_you_mean

    meant = did_you_mean(str(getattr(error, "kwargs", {}).get("profile", "")), profile_names(os.environ))
    remedy = f"{meant} all of them: skysail doctor" if meant else "skysail doctor looks at all that there are"
    return Trouble(one_line(str(error)).rstrip("."), remedy, Status.WRONG_USAGE)


def _ours(status: Status) -> Callable[[BaseException], Trouble]:
    """skysail's own texts name the remedy behind their last semicolon."""

    def explain(error: BaseException) -> Trouble:
        what, _, remedy = one_line(str(error)).rpartition("; ")
        return Trouble(what or remedy, remedy if what else None, status)

    return explain


_EXPLANATIONS: tuple[tuple[type[BaseException], Callable[[BaseException], Trouble]], ...] = (
    (errors.NoCredentialsError, _no_credentials),
    (errors.PartialCredentialsError, _half_a_key),
    (errors.NoRegionError, _no_region),
    (errors.ProfileNotFoundError, _no_profile),
    (errors.ParameterError, _wrong_arguments),
    (errors.ListenError, _ours(Status.REFUSED)),
    (errors.StoreError, _ours(Status.REFUSED)),
    (errors.UsageError, _ours(Status.WRONG_USAGE)),
    (errors.ConfigurationError, _ours(Status.WRONG_USAGE)),
    (errors.SkysailError, _ours(Status.REFUSED)),
    (BotoCoreError, _ours(Status.WRONG_USAGE)),  # a file that cannot be parsed, and the like
)
