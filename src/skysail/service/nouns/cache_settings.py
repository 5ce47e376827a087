"""What a distribution keeps in its caches, for how long, by what it tells requests apart, and what it says of errors.

Rules from the model and the table of service quotas, or CloudFront's where these say nothing; texts inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from skysail.service.refusals import invalid

MOST_PATHS, MOST_LISTED = 25, 10
LONGEST_TTL_S = 31_536_000
USUAL: dict[str, Any] = {
    "defaultTTL": 86_400,
    "minimumTTL": 0,
    "maximumTTL": LONGEST_TTL_S,
    "allowedHTTPMethods": "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE",
    "cachedHTTPMethods": "GET,HEAD",
}
"""Where nothing is asked for (the first is the user guide's, the others inferred from settings that were seen)."""

_ALLOWED = [{"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}, set(USUAL["allowedHTTPMethods"].split(","))]
_LISTS: dict[str, tuple[str, Any]] = {  # member: its list, and its usual option
    "forwardedCookies": ("cookiesAllowList", "none"),
    "forwardedHeaders": ("headersAllowList", "default"),  # seen, for what the model calls none
    "forwardedQueryStrings": ("queryStringsAllowList", False),
}
_ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
_ERROR_TTL_S = 10
_LONGEST_OBJECT = 255


def settings(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Cache settings, whole. Raises InvalidInputException."""
    found = {**USUAL, **{member: value for member, value in asked.items() if member not in _LISTS}}
    low, usual, high = (found[member] for member in ("minimumTTL", "defaultTTL", "maximumTTL"))
    if not 0 <= low <= usual <= high <= LONGEST_TTL_S:
        raise invalid(
            "The minimum TTL must be less than or equal to the default TTL, and the default TTL to the maximum TTL of "
            f"at most {LONGEST_TTL_S} seconds: {low}, {usual}, {high}"
        )
    allowed, cached = (_methods(found, member) for member in ("allowedHTTPMethods", "cachedHTTPMethods"))
    if not cached <= allowed or len(cached) > 3:  # no more than GET, HEAD and OPTIONS
        raise invalid(f"The cached HTTP methods are not valid: {found['cachedHTTPMethods']}")
    found |= {member: _forwarded(member, asked.get(member, {})) for member in _LISTS}
    if found["forwardedHeaders"]["option"] == "all" and low:
        raise invalid("The minimum TTL must be 0 when all headers are forwarded to the origin.")
    return found


def behaviors(asked: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Cache behaviors by path. Raises InvalidInputException."""
    paths = [one.get("path", "") for one in asked]
    if len(paths) > MOST_PATHS:
        raise invalid(f"You can specify at most {MOST_PATHS} cache behaviors.")
    for path, one in zip(paths, asked, strict=True):
        if not path or paths.count(path) > 1:
            raise invalid(f"Each cache behavior must have a path of its own: {path}" if path else "A path is missing.")
        if "behavior" not in one:
            raise invalid(f"The path has no cache behavior: {path}")
    return [dict(one) for one in asked]


def default_behavior(asked: Mapping[str, str]) -> dict[str, str]:
    """Raises InvalidInputException: it says nothing."""
    if "behavior" not in asked:
        raise invalid("The default cache behavior must be cache or dont-cache.")
    return dict(asked)


def root_object(asked: str) -> str:
    """What is served for "/". Raises InvalidInputException."""
    if asked.startswith("/") or len(asked) > _LONGEST_OBJECT:
        raise invalid(
            f"The default root object must not begin with / and have at most {_LONGEST_OBJECT} characters: {asked}"
        )
    return asked


def error_responses(asked: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What is said in the place of an origin's errors. Raises InvalidInputException."""
    found = [{"errorCachingMinTTL": _ERROR_TTL_S, **one} for one in asked]
    codes = [one.get("errorCode") for one in found]
    for one in found:
        code = one.get("errorCode")
        if code not in _ERROR_CODES or codes.count(code) > 1:
            raise invalid(f"The error code is not valid, or has a custom error response already: {code}")
        if ("responseCode" in one) != ("responsePagePath" in one):
            raise invalid(f"A custom error response must have a response code and a page, or neither: {code}")
        if one.get("responseCode", "200") not in ("200", *map(str, _ERROR_CODES)):
            raise invalid(f"The response code is not valid: {one['responseCode']}")
        if not one.get("responsePagePath", "/").startswith("/"):
            raise invalid(f"The path of the error page must begin with /: {one['responsePagePath']}")
        if not 0 <= one["errorCachingMinTTL"] <= LONGEST_TTL_S:
            raise invalid(f"The minimum TTL of an error must be between 0 and {LONGEST_TTL_S}.")
    return found


def _methods(found: Mapping[str, Any], member: str) -> set[str]:
    listed = str(found[member]).split(",")
    if set(listed) not in _ALLOWED or len(listed) != len(set(listed)):
        raise invalid(f"The {member.removesuffix('HTTPMethods')} HTTP methods are not valid: {found[member]}")
    return set(listed)


def _forwarded(member: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    name, usual = _LISTS[member]
    option, listed = asked.get("option", usual), list(asked.get(name, ()))
    if option == "default" and member != "forwardedHeaders":
        raise invalid(f"The option of {member} is not valid: {option}")
    if len(listed) > MOST_LISTED:
        raise invalid(f"You can specify at most {MOST_LISTED} values in {name}.")
    if (option == "allow-list" and not listed) or (listed and option not in ("allow-list", True, False)):
        raise invalid(f"You must specify {name} together with the option allow-list, and not without it.")
    return {"option": option, name: listed}
