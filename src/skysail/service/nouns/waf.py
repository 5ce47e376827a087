"""A distribution's firewall: which groups of AWS's rules are on. (Source: the model; texts inferred.)"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from skysail.service.refusals import invalid, unsupported

_OF_MEDIUM = ("CommonRuleSet", "KnownBadInputsRuleSet", "AnonymousIpList")
_OF_LARGE = (
    *_OF_MEDIUM,
    *("AdminProtectionRuleSet", "SQLiRuleSet", "LinuxRuleSet", "UnixRuleSet", "WindowsRuleSet", "PHPRuleSet"),
    *("WordPressRuleSet", "AmazonIpReputationList", "ATPRuleSet", "ACFPRuleSet", "BotControlRuleSet"),
)
RULES = {
    "medium_1_0": tuple(f"AWSManagedRules{name}" for name in _OF_MEDIUM),
    "large_1_0": tuple(f"AWSManagedRules{name}" for name in _OF_LARGE),
}
"""By bundle; others have no firewall."""
OFF: dict[str, Any] = {"isWafEnabled": False, "wafRules": []}

_CONFIGURED = {
    "AWSManagedRulesATPRuleSet": "atpConfig",
    "AWSManagedRulesACFPRuleSet": "acfpConfig",
    "AWSManagedRulesBotControlRuleSet": "botControlConfig",
}
_MOST_CODES, _HIGHEST_CODE = 10, 999


def firewall(former: Mapping[str, Any], bundle: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """How the firewall is after a request that may say `enableWaf` and `wafRules`.

    Raises InvalidInputException: the bundle has none, rules come without it, or a rule does not fit.
    """
    is_on = request.get("enableWaf", former["isWafEnabled"])
    if not is_on:
        if request.get("wafRules"):
            raise invalid("You can specify WAF rules only when WAF is enabled.")
        return OFF
    rules = request.get("wafRules", former["wafRules"])
    check_bundle({"isWafEnabled": is_on, "wafRules": rules}, bundle)
    for rule in rules:
        _check_config(rule)
    return {"isWafEnabled": True, "wafRules": list(rules)}


def check_bundle(wanted: Mapping[str, Any], bundle: str) -> None:
    """Raises InvalidInputException: a bundle does not go with a firewall of that kind."""
    if not wanted["isWafEnabled"]:
        return
    if bundle not in RULES:
        raise unsupported(f"WAF is not available for the bundle: {bundle}")
    names = [rule["name"] for rule in wanted["wafRules"]]
    for name in names:
        if name not in RULES[bundle]:
            raise invalid(f"The WAF rule group is not available for the bundle {bundle}: {name}")
        if names.count(name) > 1:
            raise invalid(f"The WAF rule group is specified twice: {name}")


def _check_config(rule: Mapping[str, Any]) -> None:
    name = rule["name"]
    wanted = _CONFIGURED.get(name)
    for member in _CONFIGURED.values():
        if (member in rule) != (member == wanted):
            raise invalid(f"The WAF rule group {name} {'needs' if member == wanted else 'does not take'} {member}.")
    if wanted is not None:
        config = rule[wanted]
        for member, is_good in _MEMBERS[wanted].items():
            if member not in config:
                raise invalid(f"The {wanted} needs {member}.")
            if not is_good(config[member], config):
                raise invalid(f"The {member} of {wanted} is not valid: {config[member]}")
        if "responseInspection" in config:
            _check_codes(config["responseInspection"])


def _check_codes(inspection: Mapping[str, Sequence[int]]) -> None:
    good, bad = inspection.get("successCodes", ()), inspection.get("failureCodes", ())
    for codes in (good, bad):
        if not 1 <= len(codes) <= _MOST_CODES or not all(0 <= code <= _HIGHEST_CODE for code in codes):
            raise invalid(f"Success and failure codes must be 1 to {_MOST_CODES} numbers from 0 to {_HIGHEST_CODE}.")
    if set(good) & set(bad):
        raise invalid(f"A status code can't be a success and a failure: {min(set(good) & set(bad))}")


def _is_path(value: str, _: Mapping[str, Any]) -> bool:
    return value.startswith("/") and len(value) <= 256


def _is_field(value: str, config: Mapping[str, Any]) -> bool:
    return 1 <= len(value) <= 512 and (config.get("payloadType") != "JSON" or value.startswith("/"))


def _is_any(value: Any, _: Mapping[str, Any]) -> bool:
    return True


_MEMBERS: dict[str, dict[str, Callable[[Any, Mapping[str, Any]], bool]]] = {
    "atpConfig": {
        "loginPath": _is_path,
        "payloadType": _is_any,
        "usernameField": _is_field,
        "passwordField": _is_field,
    },
    "acfpConfig": {"payloadType": _is_any, "creationPath": _is_path, "registrationPagePath": _is_path},
    "botControlConfig": {"inspectionLevel": _is_any},
}
