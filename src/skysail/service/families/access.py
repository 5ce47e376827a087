"""Getting into an instance: access details, and the host keys that are known.

There is no machine behind them: the keys are real, and fit one another. They follow from secret seeds, which an
instance keeps in its private data. (Forms seen in a published answer; refusals inferred.)
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import AfterCommit, Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import default_key_pair, host_keys, key_material
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.ssh_certificate import certificate
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import Draft, Resource

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        DeleteKnownHostKeysRequestTypeDef,
        GetInstanceAccessDetailsRequestTypeDef,
    )

SSH, RDP = "ssh", "rdp"
KEYS_LAST_S = 600
"""How long temporary keys are good; whoever asks meanwhile is given the same ones (inferred)."""
CLOCK_SKEW_S = 180
"""How long before its making a certificate begins.

The certificate of a published answer is good for 780 s in all, as far as it can be read; how they lie about the time of
the call is inferred.
"""
_AUTHORITY = "AccessAuthority"
"""Kind, name and name space of what keeps the seed of a region's certificate authority; no call shows it."""
_PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!-=?@"
_PASSWORD_LENGTH = 32

family = Family("access")


@family.writes("GetInstanceAccessDetails", is_slow=True)
def get_instance_access_details(context: Context, request: GetInstanceAccessDetailsRequestTypeDef) -> AfterCommit:
    """What one needs to connect to a running instance: temporary keys for SSH, the password for RDP.

    Host keys are there once the service has seen them, some time after the start. Raises NotFoundException. Raises
    InvalidInputException: it does not run, or its system has another protocol.
    """
    instance = context.resources.get(INSTANCE, request["instanceName"])
    username = instance.document.get("username", "ec2-user")
    own = RDP if username == "Administrator" else SSH
    protocol = request.get("protocol", own)
    if protocol != own:
        raise invalid(f"The instance doesn't support the protocol: {protocol}")
    if instance.state != "running":
        raise wrong_state(f"You can't access this instance because it is not running: {instance.name}")
    _renew_seeds(context, instance, protocol)
    details = _rdp(context, instance) if protocol == RDP else _ssh(context, instance, username)  # keys take long
    addresses = {
        "ipAddress": instance.document.get("publicIpAddress"),
        "ipv6Addresses": instance.document.get("ipv6Addresses"),
    }
    return lambda: {
        "accessDetails": {
            **{member: value for member, value in addresses.items() if value},
            "protocol": protocol,
            "instanceName": instance.name,
            "username": username,
            **details(),
        }
    }


@family.writes("DeleteKnownHostKeys")
def delete_known_host_keys(context: Context, request: DeleteKnownHostKeysRequestTypeDef) -> Answer:
    """Forget the host keys; the machine keeps them, and they are seen anew after a while. Raises NotFoundException."""
    instance = context.resources.get(INSTANCE, request["instanceName"])
    instance.private["hostKeysForgotten"] = context.now
    context.resources.save(instance)
    return {"operations": shown(context.journal.succeeded("DeleteKnownHostKeys", about(instance)))}


def _renew_seeds(context: Context, instance: Resource, protocol: str) -> None:
    """Give the instance the secrets that it lacks, or whose time is over. Saves it then."""
    private = instance.private
    former = dict(private)
    if "hostSeed" not in private:
        private["hostSeed"] = default_key_pair.seed(context)
    if protocol == SSH and private.get("temporaryKey", {}).get("expiresAt", 0) <= context.now:
        now = int(context.now)
        private["temporaryKey"] = {"seed": default_key_pair.seed(context), "expiresAt": now + KEYS_LAST_S}
    if private != former:
        context.resources.save(instance)


def _ssh(context: Context, instance: Resource, username: str) -> Callable[[], dict[str, Any]]:
    seed, expires_at = (instance.private["temporaryKey"][member] for member in ("seed", "expiresAt"))
    authority_seed, host_seed = _authority_seed(context), instance.private["hostSeed"]
    witnessed_at = _witnessed_at(context, instance)

    def details() -> dict[str, Any]:
        key = key_material.key_text(seed)
        since = expires_at - KEYS_LAST_S - CLOCK_SKEW_S
        return {
            "certKey": certificate(key.public, authority_seed, principal=username, since=since, until=expires_at),
            "privateKey": f"{key.private}\n",  # with a newline, unlike a key pair's (seen)
            "expiresAt": expires_at,
            "hostKeys": [] if witnessed_at is None else host_keys.ssh_host_keys(host_seed, witnessed_at),
        }

    return details


def _authority_seed(context: Context) -> str:
    """The secret of the one authority that signs all certificates of the account's region (inferred: one a region)."""
    found = context.resources.find(_AUTHORITY, _AUTHORITY, _AUTHORITY)
    if found is None:
        draft = Draft(context.world.new_id(), _AUTHORITY, {}, {"seed": default_key_pair.seed(context)})
        (found,) = context.resources.create(_AUTHORITY, [draft], _AUTHORITY)
    return str(found.private["seed"])


def _rdp(context: Context, instance: Resource) -> Callable[[], dict[str, Any]]:
    """The password, plain or, under another pair than the default one, encrypted; empty until the machine is ready."""
    witnessed_at = _witnessed_at(context, instance)
    pair = str(instance.document.get("sshKeyName") or default_key_pair.NAME)
    password = ciphertext = ""
    if _is_ready(context, instance):
        password = _password(instance)
        if pair != default_key_pair.NAME:
            password, ciphertext = "", _encrypted(context, instance, pair, password)
    seed, since = instance.private["hostSeed"], instance.document.get("createdAt", 0.0)
    return lambda: {
        "password": password,
        "passwordData": {"ciphertext": ciphertext, "keyPairName": pair},
        "hostKeys": []
        if witnessed_at is None
        else [host_keys.rdp_certificate(seed, instance.name, since, witnessed_at)],
    }


def _password(instance: Resource) -> str:
    letters = key_material.secret_bytes(f"{instance.private['hostSeed']} password", _PASSWORD_LENGTH)
    return "".join(_PASSWORD_LETTERS[byte % len(_PASSWORD_LETTERS)] for byte in letters)


def _encrypted(context: Context, instance: Resource, pair_name: str, password: str) -> str:
    """Empty where no public key of that name is known any more, or was never (an imported instance's)."""
    pair = context.resources.find(default_key_pair.KIND, pair_name)
    public = instance.private.get("publicKey") or (pair and pair.private.get("publicKey"))
    if not public:
        return ""
    return b64encode(key_material.encrypted(password, public, instance.private["hostSeed"])).decode()


def _is_ready(context: Context, instance: Resource) -> bool:
    return _first_run(instance) + context.timing.host_keys_s <= context.now


def _witnessed_at(context: Context, instance: Resource) -> float | None:
    """When the service saw the host's keys: a while after the first start, or after they were forgotten; None yet."""
    at = max(_first_run(instance), instance.private.get("hostKeysForgotten", 0.0)) + context.timing.host_keys_s
    return at if at <= context.now else None


def _first_run(instance: Resource) -> float:
    runs = instance.private.get("ran", [])
    return float(runs[0][0] if runs else instance.private.get("runningSince", instance.document.get("createdAt", 0.0)))
